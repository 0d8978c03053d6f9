using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>mm/madvise.c: the user says what becomes of its memory.</summary>
public static class Madvise
{
    /// <summary>MADV_DONTNEED of a mapping of a file: the pages are not mapped any more, and stay.</summary>
    [Kernel("mm/madvise.c", "madvise_dontneed_single_vma")]
    public static async Path MadviseDontneedFile(KernelTask current, Vma vma, PageRange pages)
    {
        await current.Ask(vma.Mm, MmapReadLock.Now);
        await Memory.ZapFilePages(current, vma, pages);
        await current.Ask(vma.Mm, MmapReadUnlock.Now);
    }

    /// <summary>MADV_REMOVE of a mapping of a file: punches a hole. mmap_lock is not held meanwhile.</summary>
    /// <remarks>Simplified: the mapping is shared and can be written; else EACCES.</remarks>
    [Kernel("mm/madvise.c")]
    public static async Path<Errno> MadviseRemove(KernelTask current, Vma vma, PageRange pages)
    {
        var (mm, file) = (vma.Mm, vma.File);
        await current.Ask(mm, MmapReadLock.Now);
        var isMapped = await current.Ask(mm, new FindVma(pages.Start.Value)) == vma;
        if (isMapped) await current.Ask(file, GetFileRcu.Now);
        await current.Ask(mm, MmapReadUnlock.Now);
        if (!isMapped) return Errno.ENOMEM;
        var offset = (long)vma.IndexOf(pages.Start.Value).Value << Pages.Shift;
        var len = (long)(pages.End.Value - pages.Start.Value) << Pages.Shift;
        var errno = await Open.VfsFallocate(current, file, FallocMode.KeepSize | FallocMode.PunchHole, offset, len);
        await FileTable.Fput(current, file);
        return errno;
    }

    /// <summary>MADV_DONTNEED: the content of pages is not needed; they go.</summary>
    [Kernel("mm/madvise.c")]
    public static async Path MadviseDontneedSingleVma(KernelTask current, UserMemory mm, PageRange pages)
    {
        await current.Ask(mm, MmapReadLock.Now);
        await Memory.ZapPageRangeSingle(current, mm, pages);
        await current.Ask(mm, MmapReadUnlock.Now);
    }
}
