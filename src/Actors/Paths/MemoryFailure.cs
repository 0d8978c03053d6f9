using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/memory-failure.c: the memory of a page fails.</summary>
public static class MemoryFailure
{
    private const string Source = "mm/memory-failure.c";

    /// <summary>A machine check, or a test, says that the memory behind a page of a file is gone; EBUSY says that the page is still there.</summary>
    /// <remarks>
    /// The reference that is taken here is kept, so that the frame is never used again. Simplified: users who have the page mapped lose it,
    /// and get their signal when they touch it again; the file's answer, which is not zero, counts as a failure.
    /// </remarks>
    [Kernel(Source, "memory_failure")]
    public static async Path<Errno> Handle(KernelTask current, Machine machine, GmemInode inode, Pgoff index)
    {
        var failures = machine.MemoryFailures!;
        await current.Ask(failures, MfLock.Now);
        var errno = Errno.ENXIO;
        if (await current.Ask(inode, new FilemapGetEntry(index)) is { } pfn)
        {
            if (await current.Ask(inode, new TestSetPageHwpoison(pfn))) await Swap.FolioPut(current, inode, pfn);
            else errno = await IdentifyPageState(current, inode, index, pfn);
        }

        await current.Ask(failures, MfUnlock.Now);
        return errno;
    }

    [Kernel(Source)]
    private static async Path<Errno> IdentifyPageState(KernelTask current, GmemInode inode, Pgoff index, Pfn pfn)
    {
        await current.Ask(inode, new FolioLock(pfn));
        var folio = await current.Ask(inode, new ReadFolio(pfn));
        if (folio.IsMapped) await Memory.UnmapMappingFolio(current, inode, index);
        var isUnlockedFirst = !inode.Machine.Kernel.Has(GuestMemfdBugs.ErrorFolioUnderFolioLock);
        if (isUnlockedFirst) await current.Ask(inode, new FolioUnlock(pfn));
        if (folio.IsInCache) await GuestMemfd.KvmGmemErrorFolio(current, inode, index);
        if (!isUnlockedFirst) await current.Ask(inode, new FolioUnlock(pfn));
        return Errno.EBUSY;
    }
}
