using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// VMSAs: where a vCPU's state is while it does not run. KVM makes the first, the guest may make others.
public static partial class Sev
{
    /// <summary>Has the state of each vCPU measured.</summary>
    /// <remarks>Simplified: vCPUs are created before, so none is being created.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> SnpLaunchUpdateVmsa(KernelTask current, Vm vm, KvmSevCmd args)
    {
        var (vcpus, locks) = (await current.Ask(vm, KvmForEachVcpu.Now), !vm.Machine.Kernel.Has(SnpBugs.MeasureWithoutVcpuLocks));
        var (errno, locked) = (Errno.None, 0);
        for (; locks && locked < vcpus.Length && errno == Errno.None; locked++)
        {
            if (KvmMain.SignalPending(current, vm)) errno = Errno.EINTR;
            if (errno != Errno.None) break;
            await current.Ask(vcpus[locked], VcpuLock.Now);
        }

        for (var i = 0; i < vcpus.Length && errno == Errno.None; i++) errno = await MeasureVmsa(current, vm, vcpus[i], args);
        while (locked > 0) await current.Ask(vcpus[--locked], VcpuUnlock.Now);
        return errno;
    }

    /// <summary>Writes a vCPU's state where VMRUN looks for it, gives the page to the guest, and has it measured.</summary>
    [Kernel(Source, "snp_launch_update_vmsa")]
    private static async Path<Errno> MeasureVmsa(KernelTask current, Vm vm, Vcpu vcpu, KvmSevCmd args)
    {
        var (machine, pfn) = (vm.Machine, vcpu.Vmsa!.Value);
        var regs = await SevEsSyncVmsa(current, vcpu);
        var errno = await SevSnpHost.RmpMakePrivate(
            current, machine, pfn, Vcpu.InitialVmsaGfn, PageLevel.Level4K, vm.Asid, immutable: true);
        if (errno != Errno.None) return errno;
        args.Error = await FirmwareLaunchUpdate(current, vm, pfn, SnpPageType.Normal, vmsa: true);
        if (args.Error != 0)
        {
            await SnpPageReclaim(current, vm, pfn);
            return Errno.EIO;
        }

        await current.Ask(vcpu, new ProtectGuestState(regs));
        return Errno.None;
    }

    /// <summary>Copies what user space has set of a vCPU's registers to its VMSA.</summary>
    /// <remarks>Simplified: the registers are one value.</remarks>
    [Kernel(Source)]
    private static async Path<int> SevEsSyncVmsa(KernelTask current, Vcpu vcpu)
    {
        var regs = await current.Ask(vcpu, ReadRegs.Now);
        await Highmem.WriteHighpage(current, vcpu.Vm.Machine, vcpu.Vmsa!.Value);
        return regs;
    }

    /// <summary>A vCPU of the guest wants another one to begin at a VMSA, or to stop.</summary>
    /// <remarks>Simplified: the features match, and the request is to begin at once.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> SevSnpApCreation(KernelTask current, Vcpu vcpu, GuestApCreate create)
    {
        var vcpus = await current.Ask(vcpu.Vm, KvmForEachVcpu.Now);
        if (create.Target >= vcpus.Length) return Errno.EINVAL;

        // A 2M-aligned page could collide with a 2M entry that covers it: an erratum.
        if (create.Vmsa is { } gfn && (gfn.IsAligned(PageLevel.Level2M) || !vcpu.Vm.Frames.Contains(gfn))) return Errno.EINVAL;
        var target = vcpus[create.Target];
        await current.Ask(target, SnpVmsaLock.Now);
        await current.Ask(target, new WritePendingVmsa(create.Vmsa));
        await current.Ask(target, SnpVmsaUnlock.Now);
        await KvmMain.KvmMakeRequestAndKick(current, target, VcpuRequests.UpdateProtectedGuestState);
        return Errno.None;
    }

    /// <summary>The vCPU begins at the VMSA that the guest made for it.</summary>
    [Kernel(Source)]
    internal static async Path SevSnpInitProtectedGuestState(KernelTask current, Vcpu vcpu)
    {
        await current.Ask(vcpu, SnpVmsaLock.Now);
        var gfn = await current.Ask(vcpu, ReadPendingVmsa.Now);
        await InstallVmsa(current, vcpu, gfn);
        await current.Ask(vcpu, SnpVmsaUnlock.Now);
    }

    /// <summary>The page of the vCPU's VMSA may be gone: looks for it again.</summary>
    [Kernel(Source)]
    internal static async Path SevSnpReloadVmsa(KernelTask current, Vcpu vcpu)
    {
        current.Mark(Events.VmsaReloaded);
        await current.Ask(vcpu, SnpVmsaLock.Now);
        var gfn = await current.Ask(vcpu, ReadGuestVmsa.Now);
        if (gfn is not null) await InstallVmsa(current, vcpu, gfn);
        await current.Ask(vcpu, SnpVmsaUnlock.Now);
    }

    /// <summary>Pages of a range are about to go: whoever has his VMSA there looks for it again. mmu_lock is held.</summary>
    /// <remarks>snp_vmsa_mutex cannot be taken here: its holder takes mmu_lock.</remarks>
    [Kernel(Source)]
    internal static async Path SevGmemInvalidateRange(KernelTask current, Vm vm, GfnRange range)
    {
        foreach (var vcpu in await current.Ask(vm, KvmForEachVcpu.Now))
        {
            if (await current.Ask(vcpu, ReadGuestVmsa.Now) is not { } gfn || !range.Contains(gfn)) continue;
            await KvmMain.KvmMakeRequestAndKick(current, vcpu, VcpuRequests.ReloadVmsa);

            // Simplified: the kick is always waited for; without that a vCPU could still run on the page when it is freed.
            await current.Ask(vcpu.Cpu, WaitForIpi.Now);
        }
    }

    [Kernel(Source, "__sev_snp_reload_vmsa")]
    private static async Path InstallVmsa(KernelTask current, Vcpu vcpu, Gfn? vmsa)
    {
        var vm = vcpu.Vm;
        await current.Ask(vcpu, new WriteVmsaPa(default));
        await current.Ask(vcpu, new WriteGuestVmsa(null));
        if (vmsa is not { } gfn || await current.Ask(vm, new GfnToMemslot(gfn)) is not { } slot) return;

        // Before the page is looked up: an invalidation that ends after this is one that the lookup may have missed.
        var seq = await current.Ask(vm, ReadMmuInvalidateSeq.Now);
        var page = await GuestMemfd.KvmGmemGetPfn(current, vm, slot, gfn);
        if (page.IsErr) return;
        var pa = new VmsaPa(page.Value.Pfn, gfn);
        if (vm.Machine.Kernel.Has(SnpBugs.VmsaNotTold)) await current.Ask(vcpu, new WriteVmsaPa(pa));
        else await InstallTracked(current, vcpu, pa, seq);

        // The page may go at any time now; that the vCPU has it does not keep it.
        await Swap.FolioPut(current, page.Value.Inode, page.Value.Pfn);
    }

    [Kernel(Source, "__sev_snp_reload_vmsa")]
    private static async Path InstallTracked(KernelTask current, Vcpu vcpu, VmsaPa pa, ulong seq)
    {
        await current.Ask(vcpu.Vm, KvmMmuLock.Shared);
        await current.Ask(vcpu, new WriteGuestVmsa(pa.Gfn));
        var isStale = await current.Ask(vcpu.Vm, new MmuInvalidateRetryGfn(seq, pa.Gfn));
        if (isStale) await current.Ask(vcpu, new KvmMakeRequest(VcpuRequests.ReloadVmsa));
        else await current.Ask(vcpu, new WriteVmsaPa(pa));
        await current.Ask(vcpu.Vm, KvmMmuUnlock.Now);
        if (isStale) current.Retry("mmu_invalidate_retry_gfn");
    }
}
