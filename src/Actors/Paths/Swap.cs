using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/swap.c: how a folio ends.</summary>
public static class Swap
{
    /// <summary>Drops a reference; with the last one the frame goes back to the allocator.</summary>
    [Kernel("mm/swap.c")]
    public static async Path FolioPut(KernelTask current, GmemInode inode, Pfn pfn)
    {
        if (await current.Ask(inode, new FolioPut(pfn))) await current.Ask(inode.Machine.Memory, new FreePage(pfn));
    }

    /// <summary>The same for a page of the user, be it a file's or not.</summary>
    internal static Path PutPage(KernelTask current, UserMemory mm, UserPage page) =>
        page.Inode is { } inode ? FolioPut(current, inode, page.Pfn) : PutPage(current, mm, page.Pfn);

    /// <summary>The same for a page of the user.</summary>
    [Kernel("mm/swap.c", "folio_put")]
    public static async Path PutPage(KernelTask current, UserMemory mm, Pfn pfn)
    {
        if (await current.Ask(mm, new PutPage(pfn))) await current.Ask(mm.Memory, new FreePage(pfn));
    }
}
