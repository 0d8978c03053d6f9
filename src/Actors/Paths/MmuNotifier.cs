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
        await current.Ask(mm, MmuNotifierReadLock.Now);
        foreach (var vm in await current.Ask(mm, MmuNotifierSubscriptions.Now))
        {
            await KvmMain.KvmMmuNotifierInvalidateRangeStart(current, vm, pages);
        }

        await current.Ask(mm, MmuNotifierReadUnlock.Now);
    }

    /// <summary>The pages are gone.</summary>
    [Kernel(Source, "__mmu_notifier_invalidate_range_end")]
    internal static async Path MmuNotifierInvalidateRangeEnd(KernelTask current, UserMemory mm, PageRange pages)
    {
        await current.Ask(mm, MmuNotifierReadLock.Now);
        foreach (var vm in await current.Ask(mm, MmuNotifierSubscriptions.Now))
        {
            await KvmMain.KvmMmuNotifierInvalidateRangeEnd(current, vm, pages);
        }

        await current.Ask(mm, MmuNotifierReadUnlock.Now);
    }

    /// <summary>A VM wants to hear no more: its mappings go, and nobody is left in its notifier when this returns.</summary>
    /// <remarks>Simplified: the process does not exit before its VMs are gone, so release was not called yet.</remarks>
    [Kernel(Source)]
    internal static async Path MmuNotifierUnregister(KernelTask current, UserMemory mm, Vm vm)
    {
        await current.Ask(mm, MmuNotifierReadLock.Now);
        await KvmMain.KvmMmuNotifierRelease(current, vm);
        await current.Ask(mm, MmuNotifierReadUnlock.Now);
        await current.Ask(mm, new HlistDelMmuNotifier(vm));
        await current.Ask(mm, MmuNotifierSynchronize.Now);
    }
}
