using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/truncate.c: pages leave a file.</summary>
/// <remarks>Simplified: folios are order 0 and never under writeback, a batch is one folio.</remarks>
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
            if (await current.Ask(inode, new FolioTrylock(folio.Pfn)))
            {
                await TruncateInodeFolio(current, inode, folio.Pfn, folio.Index);
                await current.Ask(inode, new FolioUnlock(folio.Pfn));
            }

            await Swap.FolioPut(current, inode, folio.Pfn);
        }

        var (first, last) = (new Pgoff((ulong)lstart >> Pages.Shift), new Pgoff((ulong)lend >> Pages.Shift));
        await TruncateInodePartialFolio(current, inode, first, range);
        if (last != first) await TruncateInodePartialFolio(current, inode, last, range);

        // The second pass waits, and starts over until one whole search finds nothing: a fault may put a page in behind it.
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

    /// <summary>
    /// The folio at one end of the range, which the range may cover in part: order 0 is covered or not.
    /// </summary>
    [Kernel(Source)]
    private static async Path TruncateInodePartialFolio(KernelTask current, GmemInode inode, Pgoff index, PageRange range)
    {
        if (await current.Ask(inode, new FilemapGetEntry(index)) is not { } pfn) return;
        await current.Ask(inode, new FolioLock(pfn));
        if (range.Contains(index)) await TruncateInodeFolio(current, inode, pfn, index);
        await current.Ask(inode, new FolioUnlock(pfn));
        await Swap.FolioPut(current, inode, pfn);
    }

    private static PageRange After(PageRange range, FoundFolio folio) => range with { Start = folio.Index + 1 };
}
