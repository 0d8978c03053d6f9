using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>mm/mmu_notifier.c: whoever else maps pages of the user is told before they go, and after.</summary>
internal static class MmuNotifier
{
    private const string Source = "mm/mmu_notifier.c";

    /// <summary>The pages are about to go.</summary>
    [Kernel(Source, "__mmu_notifier_invalidate_range_start")]
    internal static async Path MmuNotifierInvalidateRangeStart(KernelTask current, UserMemory mm, PageRange pages)
    {
        for (var i = 0; i < mm.Subscribers.Count; i++)
        {
            await KvmMain.KvmMmuNotifierInvalidateRangeStart(current, mm.Subscribers[i], pages);
        }
    }

    /// <summary>The pages are gone.</summary>
    [Kernel(Source, "__mmu_notifier_invalidate_range_end")]
    internal static async Path MmuNotifierInvalidateRangeEnd(KernelTask current, UserMemory mm, PageRange pages)
    {
        for (var i = 0; i < mm.Subscribers.Count; i++)
        {
            await KvmMain.KvmMmuNotifierInvalidateRangeEnd(current, mm.Subscribers[i], pages);
        }
    }
}
