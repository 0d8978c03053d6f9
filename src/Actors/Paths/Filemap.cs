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

    /// <summary>The order of a locked folio: 0 wherever there are no larger ones.</summary>
    [Kernel("include/linux/mm.h")]
    internal static async Path<int> FolioOrder(KernelTask current, GmemInode inode, Pfn pfn) =>
        inode.Machine.Kernel.LargeFolios ? (await current.Ask(inode, new ReadFolio(pfn))).Order : 0;

    /// <summary>The frame of a page of a locked folio.</summary>
    [Kernel("include/linux/pagemap.h")]
    internal static Pfn FolioFilePfn(Pfn folio, int order, Pgoff index) => new(folio.Value + (uint)(index.Value & ((1ul << order) - 1)));

    /// <summary>
    /// Takes a locked folio out of the page cache, tells the file system (.free_folio), and drops the cache's reference.
    /// </summary>
    /// <remarks>.free_folio waits for nobody else's reference: a fault may still hold the page that is reset there.</remarks>
    [Kernel(Source)]
    public static async Path FilemapRemoveFolio(KernelTask current, GmemInode inode, Pfn pfn)
    {
        var order = await FolioOrder(current, inode, pfn);
        await current.Ask(inode, new FilemapRemoveFolio(pfn));
        await GuestMemfd.KvmGmemFreeFolio(current, inode.Machine, pfn, order);
        await Swap.FolioPut(current, inode, pfn);
    }
}
