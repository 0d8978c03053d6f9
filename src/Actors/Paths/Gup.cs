using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/gup.c: pages of the user for the kernel.</summary>
internal static class Gup
{
    private const string Source = "mm/gup.c";

    /// <summary>The frame of a page that is there, with a reference; nothing is locked and nobody waits.</summary>
    [Kernel(Source)]
    internal static async Path<UserPage?> GetUserPageFastOnly(KernelTask current, UserMemory mm, ulong page)
    {
        if (page >= (ulong)mm.PageCount) return await GupFastFilePte(current, mm, page);
        return await current.Ask(mm, new GupFastPte(page)) is { } pfn ? new UserPage(pfn) : null;
    }

    /// <summary>The frame of a page, with a reference; brought in if it is absent. May sleep.</summary>
    [Kernel(Source)]
    internal static async Path<UserPage?> GetUserPagesUnlocked(KernelTask current, UserMemory mm, ulong page)
    {
        UserPage? found = null;
        current.Mark(Events.BroughtIn);
        await current.Ask(mm, MmapReadLock.Now);
        while (await current.Ask(mm, new IsMapped(page)))
        {
            found = await GetUserPageFastOnly(current, mm, page);
            if (found is not null || await Memory.HandleMmFault(current, mm, page) != VmFault.NoPage) break;
        }

        await current.Ask(mm, MmapReadUnlock.Now);
        return found;
    }

    /// <summary>The frame of a page, with a reference; without a lock if it is there, else brought in. May sleep.</summary>
    [Kernel(Source)]
    internal static async Path<UserPage?> GetUserPagesFast(KernelTask current, UserMemory? mm, ulong page)
    {
        if (mm is null) return null;
        return await GetUserPageFastOnly(current, mm, page) ?? await GetUserPagesUnlocked(current, mm, page);
    }

    /// <summary>The same of a page of a file: a reference first, then a look whether the entry still says so.</summary>
    [Kernel(Source, "gup_fast_pte_range")]
    private static async Path<UserPage?> GupFastFilePte(KernelTask current, UserMemory mm, ulong page)
    {
        if (await current.Ask(mm, new FindFilePte(page)) is not { Inode: { } inode } found) return null;
        if (!await current.Ask(inode, new FolioTryGet(found.Pfn))) return null;
        if (await current.Ask(mm, new WalkPte(page)) == found.Pfn) return found;
        await Swap.FolioPut(current, inode, found.Pfn);
        return null;
    }
}
