using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/gup.c: pages of the user for the kernel.</summary>
internal static class Gup
{
    private const string Source = "mm/gup.c";

    /// <summary>The frame of a page that is there, with a reference; nothing is locked and nobody waits.</summary>
    [Kernel(Source)]
    internal static async Path<Pfn?> GetUserPageFastOnly(KernelTask current, UserMemory mm, ulong page) =>
        await current.Ask(mm, new GupFastPte(page));

    /// <summary>The frame of a page, with a reference; brought in if it is absent. May sleep.</summary>
    [Kernel(Source)]
    internal static async Path<Pfn?> GetUserPagesUnlocked(KernelTask current, UserMemory mm, ulong page)
    {
        Pfn? pfn = null;
        current.Mark(Events.BroughtIn);
        await current.Ask(mm, MmapReadLock.Now);
        while (await current.Ask(mm, new IsMapped(page)))
        {
            pfn = await current.Ask(mm, new GupFastPte(page));
            if (pfn is not null || await Memory.HandleMmFault(current, mm, page) != VmFault.NoPage) break;
        }

        await current.Ask(mm, MmapReadUnlock.Now);
        return pfn;
    }
}
