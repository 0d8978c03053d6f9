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
}
