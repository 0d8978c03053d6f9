using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>mm/madvise.c: the user says what becomes of its memory.</summary>
public static class Madvise
{
    /// <summary>MADV_DONTNEED: the content of pages is not needed; they go.</summary>
    [Kernel("mm/madvise.c")]
    public static async Path MadviseDontneedSingleVma(KernelTask current, UserMemory mm, PageRange pages)
    {
        await current.Ask(mm, MmapReadLock.Now);
        await Memory.ZapPageRangeSingle(current, mm, pages);
        await current.Ask(mm, MmapReadUnlock.Now);
    }
}
