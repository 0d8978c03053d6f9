using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>
/// An inode of guest memory with its address space: page cache, <c>filemap_invalidate_lock</c>, its gmem files.
/// </summary>
/// <remarks>Source: virt/kvm/guest_memfd.c, mm/filemap.c.</remarks>
public sealed class GmemInode : Actor
{
    // All that anybody refers to, in the page cache or not. Few, so that a walk is faster than an index.
    private readonly List<Folio> _folios = [];
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
        _iMmapLock = new(this, "i_mmap_rwsem");
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
                return read.Reply(new(folio.IsInCache, folio.IsUptodate, folio.MapCount > 0, folio.IsHwpoison));
            case FolioPut put:
                return put.Reply(Put(Get(put.Pfn)));
            case FolioMarkUptodate mark:
                Lockdep.AssertHeld(sender, Get(mark.Pfn).Lock);
                Get(mark.Pfn).IsUptodate = true;
                return Reply.Done;
            case FilemapAllocFolio alloc:
                Check.That(Find(alloc.Pfn) is null);
                _folios.Add(new(this, alloc.Pfn));
                return Reply.Done;
            case FilemapAddFolio add:
                Lockdep.AssertHeld(sender, Get(add.Pfn).Lock);
                return add.Reply(AddToCache(Get(add.Pfn), add.Index));
            case MappingEmpty empty:
                return empty.Reply(_cached == 0);
            case FindGetEntry find:
                return find.Reply(FindFrom(find.Range));
            case FilemapRemoveFolio remove:
                Lockdep.AssertHeld(sender, Get(remove.Pfn).Lock);
                RemoveFromCache(Get(remove.Pfn));
                return Reply.Done;
            case GmemFileList list:
                Lockdep.AssertHeld(sender, InvalidateLock, LockMode.Shared);
                return list.Reply(_files);
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
            case ListAdd add:
                List(add.File);
                return Reply.Done;
            case Iput put:
                return put.Reply(--_refCount == 0);
            case ListDel del:
                Lockdep.AssertHeld(sender, InvalidateLock);
                _files = [.. _files.Where(file => file != del.File)];
                return Reply.Done;
            default:
                throw Unexpected(message);
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
        return new(folio.Pfn, folio.Index);
    }

    private bool AddToCache(Folio folio, Pgoff index)
    {
        if (FirstIn(new(index, index + 1)) is not null) return false;
        (folio.Index, folio.IsInCache) = (index, true);
        folio.RefCount++;
        _cached++;
        return true;
    }

    private void RemoveFromCache(Folio folio)
    {
        Check.That(folio.IsInCache);
        folio.IsInCache = false;
        _cached--;
        WasTruncatedUnderAFault |= folio.RefCount > 2;
    }

    private bool Put(Folio folio)
    {
        Check.That(folio.RefCount > 0);
        if (--folio.RefCount > 0) return false;
        Check.That(folio.Lock.IsFree);
        _folios.Remove(folio);
        return true;
    }

    private Folio? FirstIn(PageRange range)
    {
        Folio? first = null;
        for (var i = 0; i < _folios.Count; i++)
        {
            var folio = _folios[i];
            if (!folio.IsInCache || !range.Contains(folio.Index)) continue;
            if (first is null || folio.Index.Value < first.Index.Value) first = folio;
        }

        return first;
    }

    private Folio Get(Pfn pfn)
    {
        var folio = Find(pfn);
        Check.That(folio is not null);
        return folio;
    }

    private Folio? Find(Pfn pfn)
    {
        for (var i = 0; i < _folios.Count; i++)
        {
            if (_folios[i].Pfn == pfn) return _folios[i];
        }

        return null;
    }
}
