using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/truncate.c: pages leave a file.</summary>
/// <remarks>Simplified: folios are never dirty or under writeback, a batch is one folio.</remarks>
public static class Truncate
{
    private const string Source = "mm/truncate.c";

    /// <summary>
    /// Frees the pages of the bytes from <paramref name="lstart"/> to <paramref name="lend"/>, the last one included.
    /// </summary>
    [Kernel(Source)]
    public static async Path TruncateInodePagesRange(KernelTask current, GmemInode inode, long lstart, long lend)
    {
        if (await current.Ask(inode, MappingEmpty.Now)) return;
        var start = new Pgoff(((ulong)lstart + Pages.Size - 1) >> Pages.Shift);
        var range = new PageRange(start, new(((ulong)lend + 1) >> Pages.Shift));

        // The first pass waits for nobody.
        for (var rest = range; await current.Ask(inode, new FindGetEntry(rest)) is { } folio; rest = After(rest, folio))
        {
            // What the range has a part of is left to what comes next.
            if (range.Covers(folio.Pages) && await current.Ask(inode, new FolioTrylock(folio.Pfn)))
            {
                await TruncateInodeFolio(current, inode, folio.Pfn, folio.Index);
                await current.Ask(inode, new FolioUnlock(folio.Pfn));
            }

            await Swap.FolioPut(current, inode, folio.Pfn);
        }

        var (first, last) = (new Pgoff((ulong)lstart >> Pages.Shift), new Pgoff((ulong)lend >> Pages.Shift));
        var covered = await TruncateInodePartialFolio(current, inode, first, range);
        if (!covered.Contains(last)) await TruncateInodePartialFolio(current, inode, last, range);

        // The second pass waits, and starts over until one whole search finds nothing: a fault may put a page in behind it. A folio of
        // which the range has a part goes as well.
        for (var rest = range; ;)
        {
            var folio = await current.Ask(inode, new FindGetEntry(rest));
            if (folio is null)
            {
                if (rest == range) return;
                rest = range;
                continue;
            }

            await current.Ask(inode, new FolioLock(folio.Pfn));
            await TruncateInodeFolio(current, inode, folio.Pfn, folio.Index);
            await current.Ask(inode, new FolioUnlock(folio.Pfn));
            await Swap.FolioPut(current, inode, folio.Pfn);
            rest = After(rest, folio);
        }
    }

    /// <summary>Frees all pages of an inode that nobody can reach any more.</summary>
    [Kernel(Source)]
    public static Path TruncateInodePagesFinal(KernelTask current, GmemInode inode) =>
        TruncateInodePagesRange(current, inode, 0, long.MaxValue);

    /// <summary>Removes a locked folio, unless somebody else has: first from the users that have it mapped.</summary>
    [Kernel(Source)]
    private static async Path TruncateInodeFolio(KernelTask current, GmemInode inode, Pfn pfn, Pgoff index)
    {
        var folio = await current.Ask(inode, new ReadFolio(pfn));
        if (!folio.IsInCache) return;
        if (folio.IsMapped) await Memory.UnmapMappingFolio(current, inode, index);
        await Filemap.FilemapRemoveFolio(current, inode, pfn);
    }

    /// <summary>The folio at one end of the range, which the range may cover in part; says which pages it had.</summary>
    [Kernel(Source)]
    private static async Path<PageRange> TruncateInodePartialFolio(KernelTask current, GmemInode inode, Pgoff index, PageRange range)
    {
        while (true)
        {
            var pages = PageRange.Of(index.Value, 1);
            if (await current.Ask(inode, new FilemapGetEntry(index)) is not { } pfn) return pages;
            await current.Ask(inode, new FolioLock(pfn));
            var order = await Filemap.FolioOrder(current, inode, pfn);
            if (order > 0) pages = PageRange.Of(index.Value & ~((1ul << order) - 1), 1ul << order);
            var isDone = true;
            if (range.Covers(pages)) await TruncateInodeFolio(current, inode, pfn, index);
            else if (order > 0) isDone = await TruncatePart(current, inode, pfn, pages, range);
            await current.Ask(inode, new FolioUnlock(pfn));
            await Swap.FolioPut(current, inode, pfn);
            if (isDone) return pages;
            current.Retry("split_folio");
        }
    }

    /// <summary>The range covers a part of a locked folio: makes it folios that the range covers or not; says whether it could.</summary>
    /// <remarks>Simplified: the folio is split into folios of one page, in one step, not at the ends of the range alone.</remarks>
    [Kernel(Source, "truncate_inode_partial_folio")]
    private static async Path<bool> TruncatePart(KernelTask current, GmemInode inode, Pfn pfn, PageRange pages, PageRange range)
    {
        var machine = inode.Machine;
        if (!(await current.Ask(inode, new ReadFolio(pfn))).IsInCache) return true;

        // The mapping is inaccessible: the pages may be a guest's.
        if (machine.Kernel.Has(GuestMemfdBugs.ZeroPartialFolio)) await FolioZeroPart(current, machine, pfn, pages, range);
        if (await current.Ask(inode, new SplitFolio(pfn)))
        {
            await current.Ask(machine.Memory, new SplitPage(pfn));
            current.Mark(Events.FolioSplit);
            return true;
        }

        current.Mark(Events.SplitFailed);
        if (!machine.Kernel.Has(GuestMemfdBugs.SplitFailureDropsFolio)) return false;

        // Nobody has written to it, as far as the page cache knows: nothing is lost, it thinks.
        await TruncateInodeFolio(current, inode, pfn, pages.Start);
        return true;
    }

    [Kernel("include/linux/highmem.h", "folio_zero_range")]
    private static async Path FolioZeroPart(KernelTask current, Machine machine, Pfn pfn, PageRange pages, PageRange range)
    {
        for (var index = pages.Start; index.Value < pages.End.Value; index += 1)
        {
            if (range.Contains(index)) await Highmem.ClearHighpage(current, machine, new(pfn.Value + (uint)(index.Value - pages.Start.Value)));
        }
    }

    /// <summary>Writes zeroes into the pages of a range through the direct map, less than a line at a time.</summary>
    [Kernel("include/linux/highmem.h")]
    internal static async Path FolioZeroRange(KernelTask current, GmemInode inode, PageRange range)
    {
        for (var rest = range; await current.Ask(inode, new FindGetEntry(rest)) is { } folio; rest = After(rest, folio))
        {
            await current.Ask(inode.Machine.Memory, new WritePartOfLine(folio.Pfn));
            await Swap.FolioPut(current, inode, folio.Pfn);
        }
    }

    private static PageRange After(PageRange range, FoundFolio folio) => range with { Start = folio.Pages.End };
}
