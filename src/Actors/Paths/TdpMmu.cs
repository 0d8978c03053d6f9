using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/mmu/tdp_mmu.c: the page tables that faults change together.</summary>
internal static partial class TdpMmu
{
    private const string Source = "arch/x86/kvm/mmu/tdp_mmu.c";

    /// <summary>
    /// Makes the leaf SPTE of a fault present. mmu_lock is held shared: others may change the same SPTE.
    /// </summary>
    [Kernel(Source)]
    internal static async Path<RetPf> KvmTdpMmuMap(KernelTask current, PageFault fault)
    {
        if (fault.IsMirror) return await MapMirror(current, fault);
        var (vm, spte) = (fault.Vm, new Spte(fault.Pfn, fault.IsPrivate));
        var old = await current.Ask(vm, new ReadSpte(fault.Gfn));
        if (old == spte) return RetPf.Spurious;
        current.WarnOn(old is not null, "BUG: a present SPTE is replaced by one of another frame");
        var isMapped = await current.Ask(vm, new TryCmpxchgSpte(fault.Gfn, old, spte));
        return isMapped ? RetPf.Fixed : fault.Retry("tdp_mmu_set_spte_atomic");
    }
}
