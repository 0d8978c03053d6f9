using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/vmx/tdx.c: trust domains, their secure EPTs, their vCPUs.</summary>
/// <remarks>Simplified: pages are 4K; attributes, XFAM, CPUID, TSC and the local APIC of a trust domain are left out.</remarks>
public static partial class Tdx
{
    private const string Source = "arch/x86/kvm/vmx/tdx.c";

    /// <summary>A page table appears in the secure EPT; the mirror entry is FROZEN meanwhile.</summary>
    [Kernel(Source)]
    internal static async Path<Errno> TdxSeptMapNonleafSpte(KernelTask current, Vm vm, Gfn gfn, PageLevel level, Pfn septPt)
    {
        var td = await current.Ask(vm, ReadTd.Now);
        var err = await TdxHost.Seamcall(current, vm.Machine, new TdhMemSeptAdd(td!.Tdr, gfn, level, septPt));
        return await MapResult(current, vm, err, "TDH_MEM_SEPT_ADD");
    }

    /// <summary>A page appears in the secure EPT; the mirror entry is FROZEN meanwhile.</summary>
    [Kernel(Source)]
    internal static async Path<Errno> TdxSeptMapLeafSpte(KernelTask current, Vm vm, Gfn gfn, PageLevel level, Pfn pfn)
    {
        if (await KvmHost.KvmBugOn(current, vm, level != PageLevel.Level4K, "a private page that is not 4K is mapped")) return Errno.EIO;

        // Whoever saw pre_fault_allowed sees the state that was written before it.
        var state = (await current.Ask(vm, ReadKvmTdx.Now)).State;
        return state == TdState.Runnable
            ? await TdxMemPageAug(current, vm, gfn, level, pfn)
            : await TdxMemPageAdd(current, vm, gfn, pfn);
    }

    /// <summary>A page leaves the secure EPT and is the host's again. mmu_lock is held for write.</summary>
    [Kernel(Source)]
    internal static async Path<Errno> TdxSeptRemoveLeafSpte(KernelTask current, Vm vm, Gfn gfn, PageLevel level, Pfn pfn)
    {
        var state = await current.Ask(vm, ReadKvmTdx.Now);
        if (await KvmHost.KvmBugOn(current, vm, !state.IsHkidAssigned, "a private page is removed without an HKID")) return Errno.EIO;
        if (await KvmHost.KvmBugOn(current, vm, level != PageLevel.Level4K, "a private page that is not 4K is removed")) return Errno.EIO;
        var tdr = (await current.Ask(vm, ReadTd.Now))!.Tdr;
        var err = await TdhDoNoVcpus(current, vm, new TdhMemRangeBlock(tdr, gfn, level));
        if (await TdxBugOn(current, vm, err, "TDH_MEM_RANGE_BLOCK")) return Errno.EIO;
        await TdxTrack(current, vm, tdr);
        err = await TdhDoNoVcpus(current, vm, new TdhMemPageRemove(tdr, gfn, level));
        if (await TdxBugOn(current, vm, err, "TDH_MEM_PAGE_REMOVE")) return Errno.EIO;
        err = await TdxHost.Seamcall(current, vm.Machine, new TdhPhymemPageWbinvd(pfn));
        if (await TdxBugOn(current, vm, err, "TDH_PHYMEM_PAGE_WBINVD")) return Errno.EIO;
        await TdxHost.TdxQuirkResetPage(current, vm.Machine, pfn);
        return Errno.None;
    }

    /// <summary>
    /// A page table of the secure EPT is freed; it is the host's again only once the HKID is released, else it is lost.
    /// </summary>
    [Kernel(Source)]
    internal static async Path TdxSeptFreePrivateSpt(KernelTask current, Vm vm, Pfn septPt)
    {
        var state = await current.Ask(vm, ReadKvmTdx.Now);
        var isBug = await KvmHost.KvmBugOn(current, vm, state.IsHkidAssigned, "an S-EPT page is freed before the HKID is released");
        if (isBug) await current.Ask(vm, new TdxLeakPage(septPt));
        else await TdxReclaimControlPage(current, vm, septPt);
    }

    /// <summary>A page that the guest must accept: no mapping is lost if a lock of the module is taken.</summary>
    /// <remarks>Simplified: no CLFLUSH before it, as caches are coherent with memory.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> TdxMemPageAug(KernelTask current, Vm vm, Gfn gfn, PageLevel level, Pfn pfn)
    {
        var td = await current.Ask(vm, ReadTd.Now);
        var err = await TdxHost.Seamcall(current, vm.Machine, new TdhMemPageAug(td!.Tdr, gfn, level, pfn));
        return await MapResult(current, vm, err, "TDH_MEM_PAGE_AUG");
    }

    /// <summary>A page with a copy of the source that populate has noted, before the trust domain is finalized.</summary>
    [Kernel(Source)]
    private static async Path<Errno> TdxMemPageAdd(KernelTask current, Vm vm, Gfn gfn, Pfn pfn)
    {
        var allowed = await current.Ask(vm, PreFaultAllowed.Now);
        var source = await current.Ask(vm, ReadPageAddSrc.Now);
        if (await KvmHost.KvmBugOn(current, vm, allowed || source is null, "TDH_MEM_PAGE_ADD outside KVM_TDX_INIT_MEM_REGION")) return Errno.EIO;
        var td = await current.Ask(vm, ReadTd.Now);
        var err = await TdxHost.TdhMemPageAdd(current, vm.Machine, td!, gfn, pfn, source!.Value);
        return await MapResult(current, vm, err, "TDH_MEM_PAGE_ADD");
    }

    /// <summary>What a fault's SEAMCALL comes to: it is tried again if a lock of the module was taken; all else is a bug.</summary>
    [Kernel(Source, "tdx_operand_busy")]
    private static async Path<Errno> MapResult(KernelTask current, Vm vm, TdxStatus err, string what)
    {
        var isBusy = err.Code == TdxCode.OperandBusy;
        if (isBusy) current.Mark(Events.TdxMapBusy);
        if (isBusy && !vm.Machine.Kernel.Has(TdxBugs.MapBusyIsFatal)) return Errno.EBUSY;
        return await TdxBugOn(current, vm, err, what) ? Errno.EIO : Errno.None;
    }

    /// <summary>
    /// A new TLB epoch; all vCPUs leave guest mode, so that those which enter again have no translation of the old one.
    /// </summary>
    [Kernel(Source)]
    private static async Path TdxTrack(KernelTask current, Vm vm, Pfn tdr)
    {
        // Nobody runs, and nobody has a translation, before the trust domain is finalized.
        if ((await current.Ask(vm, ReadKvmTdx.Now)).State != TdState.Runnable) return;
        var err = await TdhDoNoVcpus(current, vm, new TdhMemTrack(tdr));
        await TdxBugOn(current, vm, err, "TDH_MEM_TRACK");
        if (vm.Machine.Kernel.Has(TdxBugs.TrackWithoutKick)) return;
        await KvmMain.KvmMakeAllCpusRequest(current, vm, VcpuRequests.OutsideGuestMode);
    }

    /// <summary>
    /// A SEAMCALL of a zap: if a lock of the TDX module is taken, once more with all vCPUs out of the way. mmu_lock is held for
    /// write, which keeps faults, and other zaps, out.
    /// </summary>
    [Kernel(Source)]
    private static async Path<TdxStatus> TdhDoNoVcpus(KernelTask current, Vm vm, Seamcall call)
    {
        var err = await TdxHost.Seamcall(current, vm.Machine, call);
        if (err.Code != TdxCode.OperandBusy || vm.Machine.Kernel.Has(TdxBugs.ZapBusyIsFatal)) return err;
        current.Mark(Events.TdxZapBusy);
        await current.Ask(vm, new WriteWaitForSeptZap(true));
        await KvmMain.KvmMakeAllCpusRequest(current, vm, VcpuRequests.OutsideGuestMode);
        err = await TdxHost.Seamcall(current, vm.Machine, call);
        await current.Ask(vm, new WriteWaitForSeptZap(false));
        return err;
    }

    /// <summary>Whether a SEAMCALL did anything but succeed, which is a bug of KVM.</summary>
    [Kernel(Source, "TDX_BUG_ON")]
    private static Path<bool> TdxBugOn(KernelTask current, Vm vm, TdxStatus err, string what) =>
        err != TdxStatus.Success ? KvmHost.KvmBugOn(current, vm, true, $"SEAMCALL {what} failed: {err}") : new(false);
}
