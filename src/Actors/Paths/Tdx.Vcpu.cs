using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// A trust domain's vCPUs, and the commands that user space gives to a trust domain.
public static partial class Tdx
{
    /// <summary>KVM_MEMORY_ENCRYPT_OP on the VM: all of its locks are taken, since the commands change the state of everything.</summary>
    /// <remarks>Simplified: KVM_TDX_CAPABILITIES is left out.</remarks>
    [Kernel(Source)]
    public static async Path<Errno> TdxVmIoctl(KernelTask current, Vm vm, KvmTdxCmd cmd)
    {
        if (cmd.HwError != 0) return Errno.EINVAL;
        var vcpus = await TdxAcquireVmStateLocks(current, vm);
        if (vcpus.IsErr) return vcpus.Errno;
        var errno = cmd switch
        {
            KvmTdxCmd.InitVm => await TdxTdInit(current, vm, cmd.Flags),
            KvmTdxCmd.FinalizeVm => await TdxTdFinalize(current, vm),
            _ => Errno.EINVAL,
        };
        await TdxReleaseVmStateLocks(current, vm, vcpus.Value);
        return errno;
    }

    /// <summary>KVM_MEMORY_ENCRYPT_OP on a vCPU, without its lock: the locks of all vCPUs are taken inside kvm->lock.</summary>
    [Kernel(Source)]
    public static async Path<Errno> TdxVcpuUnlockedIoctl(KernelTask current, Vcpu vcpu, KvmTdxCmd cmd)
    {
        var vm = vcpu.Vm;
        if (cmd.HwError != 0) return Errno.EINVAL;
        var vcpus = await TdxAcquireVmStateLocks(current, vm);
        if (vcpus.IsErr) return vcpus.Errno;
        var state = await current.Ask(vm, ReadKvmTdx.Now);
        var errno = !state.IsHkidAssigned || state.State == TdState.Runnable ? Errno.EINVAL : cmd switch
        {
            KvmTdxCmd.InitVcpu => await TdxVcpuInit(current, vcpu, cmd.Flags),
            KvmTdxCmd.InitMemRegion region => await TdxVcpuInitMemRegion(current, vcpu, region),
            _ => Errno.EINVAL,
        };
        await TdxReleaseVmStateLocks(current, vm, vcpus.Value);
        return errno;
    }

    /// <summary>The vCPU gets its root in the TDX module.</summary>
    [Kernel(Source)]
    private static async Path<Errno> TdxVcpuInit(KernelTask current, Vcpu vcpu, uint flags)
    {
        if (flags != 0) return Errno.EINVAL;
        if (await current.Ask(vcpu, IsTdVcpuInitialized.Now)) return Errno.EINVAL;
        var errno = await TdxTdVcpuInit(current, vcpu);
        if (errno == Errno.None) await current.Ask(vcpu, new WriteTdVcpuInitialized(true));
        return errno;
    }

    /// <summary>VP.CREATE and VP.INIT: the second needs the trust domain's root alone, so that neither zaps nor faults may run.</summary>
    /// <remarks>Simplified: one page a vCPU, without those that TDH.VP.ADDCX adds.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> TdxTdVcpuInit(KernelTask current, Vcpu vcpu)
    {
        var vm = vcpu.Vm;
        if (await AllocPage(current, vm) is not { } page) return Errno.ENOMEM;
        var td = await current.Ask(vm, ReadTd.Now);
        var err = await TdxHost.Seamcall(current, vm.Machine, new TdhVpCreate(td!.Tdr, page));
        if (await TdxBugOn(current, vm, err, "TDH_VP_CREATE"))
        {
            await current.Ask(vm.Machine.Memory, new FreePage(page));
            return Errno.EIO;
        }

        await current.Ask(vcpu, new WriteVp(new(td, vcpu.Cpu, vcpu.Cpu.Id, page)));
        var locks = !vm.Machine.Kernel.Has(TdxBugs.VpInitWithoutMmuLock);
        if (locks) await current.Ask(vm, KvmMmuLock.Exclusive);
        err = await TdxHost.Seamcall(current, vm.Machine, new TdhVpInit(page));
        if (locks) await current.Ask(vm, KvmMmuUnlock.Now);
        return await TdxBugOn(current, vm, err, "TDH_VP_INIT") ? Errno.EIO : Errno.None;
    }

    /// <summary>The vCPU leaves the processor that ran it last.</summary>
    [Kernel(Source)]
    private static async Path TdxFlushVpOnCpu(KernelTask current, Vcpu vcpu)
    {
        if (await current.Ask(vcpu, ReadVp.Now) is not { } vp) return;
        var err = await TdxHost.Seamcall(current, vcpu.Vm.Machine, new TdhVpFlush(vp.Tdvpr, vp.CpuNumber));

        // It never ran, or has left already.
        if (err.Code == TdxCode.VcpuNotAssociated) return;
        current.WarnOn(err != TdxStatus.Success, $"SEAMCALL TDH_VP_FLUSH failed: {err}");
    }

    /// <summary>A vCPU's page is freed, or lost if the HKID could not be released.</summary>
    [Kernel(Source)]
    internal static async Path TdxVcpuFree(KernelTask current, Vcpu vcpu)
    {
        var vm = vcpu.Vm;
        if (await current.Ask(vcpu, ReadVp.Now) is not { } vp) return;
        if ((await current.Ask(vm, ReadKvmTdx.Now)).IsHkidAssigned)
        {
            await current.Ask(vm, new TdxLeakPage(vp.Tdvpr));
            return;
        }

        await TdxReclaimControlPage(current, vm, vp.Tdvpr);
        await current.Ask(vcpu, new WriteVp(null));
        await current.Ask(vcpu, new WriteTdVcpuInitialized(false));
    }

    /// <summary>Nobody but the caller can change anything of the VM's state; returns its vCPUs, all of them locked.</summary>
    /// <remarks>Simplified: vCPUs are online as soon as they are created, so that none is missing.</remarks>
    [Kernel(Source)]
    private static async Path<Result<Vcpu[]>> TdxAcquireVmStateLocks(KernelTask current, Vm vm)
    {
        await current.Ask(vm, KvmLock.Now);
        var vcpus = await KvmMain.KvmLockAllVcpus(current, vm);
        if (vcpus.IsErr) await current.Ask(vm, KvmUnlock.Now);
        else await current.Ask(vm, SlotsLock.Now);
        return vcpus;
    }

    [Kernel(Source)]
    private static async Path TdxReleaseVmStateLocks(KernelTask current, Vm vm, Vcpu[] vcpus)
    {
        await current.Ask(vm, SlotsUnlock.Now);
        await KvmMain.KvmUnlockAllVcpus(current, vcpus);
        await current.Ask(vm, KvmUnlock.Now);
    }
}
