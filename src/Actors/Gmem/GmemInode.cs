using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>
/// An inode of guest memory with its address space: page cache, <c>filemap_invalidate_lock</c>, its gmem files.
/// </summary>
/// <remarks>Source: virt/kvm/guest_memfd.c, mm/filemap.c.</remarks>
public sealed partial class GmemInode : Actor
{
    // All that anybody refers to, in the page cache or not. Few, so that a walk is faster than an index.
    private readonly List<Folio> _folios = [];
    private readonly Field _filesField;
    private readonly RwLock _iMmapLock;
    private GmemFile[] _files = [];
    private Vma[] _vmas = [];
    private int _refCount;
    private int _cached;

    /// <summary>An inode of so many pages without any memory.</summary>
    public GmemInode(string name, Machine machine, ulong pageCount, GuestMemfdKind flags = GuestMemfdKind.None) : base(name)
    {
        Flags = flags;
        Machine = machine;
        PageCount = pageCount;
        InvalidateLock = new(this, "filemap_invalidate_lock");
        _filesField = new(this, "gmem_file_list");
        _iMmapLock = new(this, "i_mmap_rwsem");
        _attributes = new((flags & GuestMemfdKind.InitShared) != 0 ? KvmMemoryAttributes.None : KvmMemoryAttributes.Private);
        _attributesField = new(this, "attributes");
    }

    /// <summary>The machine it is on.</summary>
    public Machine Machine { get; }

    /// <summary><c>i_size</c> in pages, which never changes: setattr always fails.</summary>
    public ulong PageCount { get; private set; }

    /// <summary>Whether that did change, for properties.</summary>
    internal bool ChangedSize { get; private set; }

    /// <summary>What its file was made to be. Immutable.</summary>
    public GuestMemfdKind Flags { get; }

    /// <summary>The lock that keeps ranges of the page cache and the files' bindings as they are.</summary>
    public RwLock InvalidateLock { get; }

    /// <summary>The gmem files on it, for properties.</summary>
    internal ReadOnlySpan<GmemFile> Files => _files;

    /// <summary>What is left of its folios, for properties.</summary>
    internal IReadOnlyList<Folio> Folios => _folios;

    /// <summary>
    /// Whether a folio left the page cache while a fault referred to it: the truncation and the cache hold one each.
    /// </summary>
    public bool WasTruncatedUnderAFault { get; private set; }

    /// <summary>Whether there is any page in the page cache, for properties.</summary>
    public bool HasPages => _cached > 0;

    /// <summary>How many folios were ever put into the page cache, for properties.</summary>
    internal ulong Additions { get; private set; }

    /// <summary>The first page that a hole did not free, for properties; null if there was none.</summary>
    internal string? LeftBehind { get; private set; }

    /// <summary>A hole was punched: what was there when that began must be gone. For properties.</summary>
    /// <param name="hole">Its pages.</param>
    /// <param name="before">The <see cref="Additions"/> when it began.</param>
    /// <param name="isPunched">Whether the call succeeded.</param>
    internal void AfterHole(PageRange hole, ulong before, bool isPunched = true)
    {
        _holes.Remove(hole);
        if (!isPunched) return;
        foreach (var folio in _folios)
        {
            if (folio.IsInCache && folio.Added <= before && hole.Overlaps(folio.Pages)) LeftBehind ??= $"page {folio.Index} of {this}";
        }
    }

    /// <summary>Whether a frame is in the page cache, for properties.</summary>
    internal bool Caches(Pfn pfn) => Find(pfn) is { IsInCache: true };

    /// <summary>Whether a file is in its list, for properties.</summary>
    internal bool Has(GmemFile file) => Array.IndexOf(_files, file) >= 0;

    /// <summary>Whether a VM has a file on it, for properties.</summary>
    internal bool HasFileOf(Vm vm)
    {
        foreach (var file in _files)
        {
            if (file.Vm == vm) return true;
        }

        return false;
    }

    /// <summary>Puts a page of zeroes into the page cache before the world runs; returns its frame.</summary>
    public Pfn Allocate(Pgoff index)
    {
        var pfn = Machine.Memory.Take(this);
        Fill(index, pfn);
        return pfn;
    }

    /// <summary>Adds a file before the world runs, with its reference on its VM.</summary>
    public void Add(GmemFile file)
    {
        file.Vm.Get();
        List(file);
    }

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        FolioLock folio => Get(folio.Pfn).Lock,
        FolioTrylock folio => Get(folio.Pfn).Lock,
        FolioUnlock folio => Get(folio.Pfn).Lock,
        FilemapInvalidateLock or FilemapInvalidateUnlock => InvalidateLock,
        IMmapLock or IMmapUnlock => _iMmapLock,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case FilemapGetEntry get:
                return get.Reply(GetEntry(get.Index));
            case ReadFolio read:
                var folio = Get(read.Pfn);
                folio.Mapping.Read(sender);
                return read.Reply(new(folio.IsInCache, folio.IsUptodate, folio.MapCount > 0, folio.IsHwpoison, (byte)folio.Order));
            case FolioPut put:
                return put.Reply(Put(Find(put.Pfn) ?? throw Refcount.Underflow("folio_put")));
            case FolioMarkUptodate mark:
                // Populate has the whole file for itself, and the folio unlocked.
                if (!InvalidateLock.IsHeldBy(sender, LockMode.Exclusive)) Lockdep.AssertHeld(sender, Get(mark.Pfn).Lock);
                Get(mark.Pfn).IsUptodate = true;
                return Reply.Done;
            case FilemapAllocFolio alloc:
                Check.That(Find(alloc.Pfn) is null);
                _folios.Add(new(this, alloc.Pfn));
                return Reply.Done;
            case FilemapAddFolio add:
                Lockdep.AssertHeld(sender, Get(add.Pfn).Lock);
                Get(add.Pfn).Mapping.Write(sender);
                return add.Reply(AddToCache(Get(add.Pfn), add.Index));
            case MappingEmpty empty:
                return empty.Reply(_cached == 0);
            case FindGetEntry find:
                return find.Reply(FindFrom(find.Range));
            case FilemapRemoveFolio remove:
                Lockdep.AssertHeld(sender, Get(remove.Pfn).Lock);
                Get(remove.Pfn).Mapping.Write(sender);
                RemoveFromCache(Get(remove.Pfn));
                return Reply.Done;
            case GmemFileList list:
                Lockdep.AssertHeld(sender, InvalidateLock, LockMode.Shared);
                _filesField.Read(sender);
                return list.Reply(_files);
            case TestSetPageHwpoison set:
                var failed = Get(set.Pfn);
                var wasSet = failed.IsHwpoison;
                failed.IsHwpoison = true;
                return set.Reply(wasSet);
            case FolioAddFileRmap add:
                Get(add.Pfn).MapCount++;
                return Reply.Done;
            case FolioRemoveRmap remove:
                sender.WarnOn(--Get(remove.Pfn).MapCount < 0, "folio_remove_rmap: _mapcount is negative");
                return Reply.Done;
            case VmaIntervalTree tree:
                Lockdep.AssertHeld(sender, _iMmapLock, LockMode.Shared);
                return tree.Reply(_vmas);
            case VmaIntervalTreeInsert insert:
                Lockdep.AssertHeld(sender, _iMmapLock);
                _vmas = [.. _vmas, insert.Vma];
                return Reply.Done;
            case VmaIntervalTreeRemove remove:
                Lockdep.AssertHeld(sender, _iMmapLock);
                _vmas = [.. _vmas.Where(vma => vma != remove.Vma)];
                return Reply.Done;
            case ISizeRead read:
                return read.Reply(PageCount);
            case ISizeWrite write:
                ChangedSize |= PageCount != 0 && PageCount != write.PageCount;
                PageCount = write.PageCount;
                return Reply.Done;
            case ReadGmemFileList read:
                return read.Reply(_files);
            case ListAdd add:
                _filesField.Write(sender);
                List(add.File);
                return Reply.Done;
            case Iput put:
                return put.Reply(Refcount.Put(ref _refCount, "iput"));
            case ListDel del:
                Lockdep.AssertHeld(sender, InvalidateLock);
                _filesField.Write(sender);
                _files = [.. _files.Where(file => file != del.File)];
                return Reply.Done;
            default:
                return HandleAttributes(sender, message);
        }
    }

    private void List(GmemFile file)
    {
        _files = [.. _files, file];
        _refCount++;
    }

    private Pfn? GetEntry(Pgoff index)
    {
        if (FirstIn(new(index, index + 1)) is not { } folio) return null;
        folio.RefCount++;
        return folio.Pfn;
    }

    private FoundFolio? FindFrom(PageRange range)
    {
        if (FirstIn(range) is not { } folio) return null;
        folio.RefCount++;
        return new(folio.Pfn, folio.Index, folio.Order);
    }

    /// <summary>Puts a frame into the page cache before the world runs; its content is valid.</summary>
    public void Fill(Pgoff index, Pfn pfn)
    {
        var folio = new Folio(this, pfn) { IsUptodate = true };
        Check.That(AddToCache(folio, index));
        folio.RefCount--;
        _folios.Add(folio);
    }

    private bool AddToCache(Folio folio, Pgoff index)
    {
        if (FirstIn(PageRange.Of(index.Value, folio.PageCount)) is not null) return false;
        (folio.Index, folio.IsInCache) = (index, true);
        folio.RefCount++;
        folio.Added = ++Additions;
        _cached++;
        return true;
    }

    private void RemoveFromCache(Folio folio)
    {
        if (!folio.IsInCache) throw new KernelBugException("VM_BUG_ON_FOLIO(folio->mapping != mapping) in filemap_remove_folio");
        folio.IsInCache = false;
        if (folio.Order > 0) NoteTaken(folio);
        _cached--;
        WasTruncatedUnderAFault |= folio.RefCount > 2;
    }

    private bool Put(Folio folio)
    {
        if (!Refcount.Put(ref folio.RefCount, "folio_put")) return false;
        if (folio.IsInCache) throw new KernelBugException("Bad page state: a folio is freed that is in the page cache");
        if (!folio.Lock.IsFree) throw new KernelBugException("Bad page state: a folio is freed that is locked");
        _folios.Remove(folio);
        return true;
    }

    private Folio? FirstIn(PageRange range)
    {
        Folio? first = null;
        for (var i = 0; i < _folios.Count; i++)
        {
            var folio = _folios[i];
            if (!folio.IsInCache || !range.Overlaps(folio.Pages)) continue;
            if (first is null || folio.Index.Value < first.Index.Value) first = folio;
        }

        return first;
    }

    private Folio Get(Pfn pfn) => Find(pfn) ?? throw new KernelBugException("KASAN: use-after-free of a folio");

    private Folio? Find(Pfn pfn)
    {
        for (var i = 0; i < _folios.Count; i++)
        {
            if (pfn.Value - _folios[i].Pfn.Value < _folios[i].PageCount) return _folios[i];
        }

        return null;
    }
}
