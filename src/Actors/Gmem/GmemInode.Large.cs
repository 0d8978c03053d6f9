using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// Folios of more than one page: mm/filemap.c, mm/huge_memory.c.
public sealed partial class GmemInode
{
    private readonly List<PageRange> _holes = [];

    /// <summary>The first folio that a hole took all of and had a part of, for properties; null if there was none.</summary>
    internal string? TakenOutside { get; private set; }

    /// <summary>A hole is about to be punched; returns the <see cref="Additions"/> until now. For properties.</summary>
    internal ulong BeforeHole(PageRange hole)
    {
        _holes.Add(hole);
        return Additions;
    }

    // Where no hole is being punched the inode goes, with all of its pages.
    private void NoteTaken(Folio folio)
    {
        if (_holes.Count == 0 || _holes.Exists(hole => hole.Covers(folio.Pages))) return;
        TakenOutside ??= $"pages {folio.Pages} of {this}";
    }

    /// <summary>Puts a folio of 2M into the page cache before the world runs; returns its first frame.</summary>
    public Pfn AllocateHuge(Pgoff index)
    {
        var pfn = Machine.Memory.Take(this, Folio.PmdOrder);
        var folio = new Folio(this, pfn, Folio.PmdOrder) { IsUptodate = true };
        Check.That(AddToCache(folio, index));
        folio.RefCount--;
        _folios.Add(folio);
        return pfn;
    }

    private Reply HandleLarge(KernelTask sender, Message message)
    {
        switch (message)
        {
            case FilemapRangeHasPage has:
                return has.Reply(FirstIn(has.Range) is not null);
            case FilemapAllocLargeFolio alloc:
                Check.That(Find(alloc.Pfn) is null);
                _folios.Add(new(this, alloc.Pfn, alloc.Order));
                return Reply.Done;
            case SplitFolio split:
                Lockdep.AssertHeld(sender, Get(split.Pfn).Lock);
                Get(split.Pfn).Mapping.Write(sender);
                return split.Reply(Split(Get(split.Pfn)));
            default:
                throw Unexpected(message);
        }
    }

    // Only the page cache and the caller may refer to it. What is left of it is its first page.
    private bool Split(Folio folio)
    {
        if (folio.RefCount != 2) return false;
        var pageCount = folio.PageCount;
        folio.Order = 0;
        for (var i = 1u; i < pageCount; i++)
        {
            _folios.Add(new(this, new(folio.Pfn.Value + i))
            {
                Index = folio.Index + i,
                IsInCache = true,
                IsUptodate = folio.IsUptodate,
                Added = folio.Added,
            });
        }

        _cached += (int)pageCount - 1;
        return true;
    }
}
