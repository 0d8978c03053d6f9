using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

public static partial class Sev
{
    /// <summary>The RMP refused an access that the page tables let through: breaks a 2M entry up that is in the way.</summary>
    /// <remarks>
    /// Nothing keeps the page from being punched meanwhile, but the reference keeps it from being reused. Simplified: what is
    /// logged, at a limited rate, is not modelled.
    /// </remarks>
    [Kernel(Source)]
    internal static async Path SevHandleRmpFault(KernelTask current, Vcpu vcpu, Gfn gfn)
    {
        var vm = vcpu.Vm;
        if (!await KvmHost.KvmMemIsPrivate(current, vm, gfn)) return;
        var slot = await current.Ask(vm, new GfnToMemslot(gfn));
        if (slot is not { CanBePrivate: true }) return;
        var page = await GuestMemfd.KvmGmemGetPfn(current, vm, slot, gfn);
        if (page.IsErr) return;
        await SplitAndZap(current, vm, gfn, page.Value.Pfn);
        await Swap.FolioPut(current, page.Value.Inode, page.Value.Pfn);
    }

    [Kernel(Source, "sev_handle_rmp_fault")]
    private static async Path SplitAndZap(KernelTask current, Vm vm, Gfn gfn, Pfn pfn)
    {
        var entry = await SevSnpHost.SnpLookupRmpentry(current, vm.Machine, pfn);
        if (entry.IsErr || !entry.Value.Assigned) return;

        // Somebody has done it, or the processor saw the entry while it was being changed.
        if (entry.Value.Level == PageLevel.Level4K)
        {
            current.Mark(Events.RmpFaultSpurious);
            return;
        }

        if (vm.Machine.Kernel.Has(SnpBugs.NoPsmash)) return;
        current.Mark(Events.RmpFaultSmashed);
        if (await SnpRmptablePsmash(current, vm.Machine, pfn) != RmpResult.Success)
        {
            var again = await SevSnpHost.SnpLookupRmpentry(current, vm.Machine, pfn);
            if (again is { IsErr: false, Value: { Assigned: true, Level: PageLevel.Level4K } }) return;
        }

        // From the frame that faulted on, not from the first of its 2M.
        await Mmu.KvmZapGfnRange(current, vm, new(gfn, gfn + PageLevels.PagesPer2M));
    }
}
