using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/memory.c: pages of the user come and go.</summary>
internal static class Memory
{
    private const string Source = "mm/memory.c";

    /// <summary>Brings a page in that is absent; mmap_lock is held shared.</summary>
    [Kernel(Source)]
    internal static async Path<Errno> HandleMmFault(KernelTask current, UserMemory mm, ulong page)
    {
        if (await current.Ask(mm.Memory, new AllocPage(mm)) is not { } pfn) return Errno.ENOMEM;
        await current.Ask(mm.Memory, new ClearPage(pfn));

        // Somebody else was first: theirs is used.
        if (!await current.Ask(mm, new SetPte(page, pfn))) await current.Ask(mm.Memory, new FreePage(pfn));
        return Errno.None;
    }

    /// <summary>Takes pages away, first from whoever else has them mapped; mmap_lock is held shared.</summary>
    /// <remarks>Simplified: the TLB of the host is not modelled.</remarks>
    [Kernel(Source)]
    internal static async Path ZapPageRangeSingle(KernelTask current, UserMemory mm, PageRange pages)
    {
        await MmuNotifier.MmuNotifierInvalidateRangeStart(current, mm, pages);
        for (var page = pages.Start.Value; page < pages.End.Value; page++)
        {
            if (await current.Ask(mm, new ZapPte(page)) is { } pfn) await Swap.PutPage(current, mm, pfn);
        }

        await MmuNotifier.MmuNotifierInvalidateRangeEnd(current, mm, pages);
    }
}
