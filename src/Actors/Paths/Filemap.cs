using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/filemap.c: the page cache.</summary>
public static class Filemap
{
    private const string Source = "mm/filemap.c";

    /// <summary>The folio at an index, locked and referenced; allocated if it is absent.</summary>
    [Kernel(Source, "__filemap_get_folio")]
    public static async Path<Result<Pfn>> FilemapGetFolio(KernelTask current, GmemInode inode, Pgoff index)
    {
        while (true)
        {
            if (await current.Ask(inode, new FilemapGetEntry(index)) is { } found)
            {
                await current.Ask(inode, new FolioLock(found));
                if ((await current.Ask(inode, new ReadFolio(found))).IsInCache) return found;

                // It was truncated while we waited for its lock.
                current.Mark(Events.FoundTruncated);
                await current.Ask(inode, new FolioUnlock(found));
                await Swap.FolioPut(current, inode, found);
                continue;
            }

            var faults = inode.Machine.Faults;
            if (faults.ShouldFail(current, FaultKind.Allocation, "filemap_alloc_folio")) return Errno.ENOMEM;
            if (await current.Ask(inode.Machine.Memory, new AllocPage(inode)) is not { } pfn) return Errno.ENOMEM;
            await current.Ask(inode, new FilemapAllocFolio(pfn));
            await current.Ask(inode, new FolioLock(pfn));

            // The charge of the memory, and room in the tree.
            var fails = faults.ShouldFail(current, FaultKind.Allocation, "filemap_add_folio");
            if (!fails && await current.Ask(inode, new FilemapAddFolio(pfn, index))) return pfn;

            // Or somebody else was first: EEXIST, so the next lookup finds theirs.
            await current.Ask(inode, new FolioUnlock(pfn));
            await Swap.FolioPut(current, inode, pfn);
            if (fails) return Errno.ENOMEM;
        }
    }

    /// <summary>Takes a locked folio out of the page cache and drops the cache's reference.</summary>
    [Kernel(Source)]
    public static async Path FilemapRemoveFolio(KernelTask current, GmemInode inode, Pfn pfn)
    {
        await current.Ask(inode, new FilemapRemoveFolio(pfn));

        // Simplified: .free_folio, the arch reset of a frame, has nothing to do without SNP.
        await Swap.FolioPut(current, inode, pfn);
    }
}
