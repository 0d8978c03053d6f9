using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/x86.c: a vCPU runs.</summary>
public static partial class X86
{
    private const string Source = "arch/x86/kvm/x86.c";

    /// <summary>KVM_RUN: the guest goes on with its program until it needs user space, or is at its end.</summary>
    /// <remarks>vcpu->mutex is held.</remarks>
    [Kernel(Source)]
    public static async Path<Errno> KvmArchVcpuIoctlRun(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        run.ExitReason = ExitReason.Unknown;
        await current.Ask(vcpu.Vm, SrcuReadLock.Now);
        var errno = await VcpuRun(current, vcpu, run);
        await current.Ask(vcpu.Vm, SrcuReadUnlock.Now);
        return errno;
    }

    /// <summary>Enters the guest again and again until something has to be done by user space.</summary>
    [Kernel(Source)]
    private static async Path<Errno> VcpuRun(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        while (true)
        {
            var result = await VcpuEnterGuest(current, vcpu, run);
            if (result.IsErr) return result.Errno;
            if (!result.Value) return Errno.None;
            if (!KvmMain.SignalPending(current, vcpu.Vm)) continue;
            run.ExitReason = ExitReason.Intr;
            return Errno.EINTR;
        }
    }

    /// <summary>
    /// Does what was asked of the vCPU, then lets the guest run until it exits, and handles the exit; says whether to go on.
    /// </summary>
    /// <remarks>
    /// kvm->srcu is not held while the guest runs. The mode is set before the requests are looked at for the last time: who asks for
    /// something later finds the processor in guest mode, and kicks it.
    /// </remarks>
    [Kernel(Source)]
    private static async Path<Result<bool>> VcpuEnterGuest(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        var (vm, cpu) = (vcpu.Vm, vcpu.Cpu);
        var requests = await current.Ask(vcpu, KvmCheckRequests.Now);
        if ((requests & VcpuRequests.VmDead) != 0) return Errno.EIO;
        if ((requests & VcpuRequests.MmuFreeObsoleteRoots) != 0) await Mmu.KvmMmuReload(current, vcpu);

        // Another root has nothing in the TLB that is true.
        if ((requests & (VcpuRequests.TlbFlush | VcpuRequests.MmuFreeObsoleteRoots)) != 0) await current.Ask(cpu, TlbFlush.Now);
        await current.Ask(vm, SrcuReadUnlock.Now);
        await current.Ask(cpu, EnterGuest.Now);
        if (await KvmVcpuExitRequest(current, vcpu))
        {
            await current.Ask(cpu, ExitGuest.Now);
            await current.Ask(vm, SrcuReadLock.Now);
            return true;
        }

        var exit = await X86Ops.VcpuRun(current, vcpu, run);
        await current.Ask(cpu, ExitGuest.Now);
        await current.Ask(vm, SrcuReadLock.Now);
        return await X86Ops.HandleExit(current, vcpu, run, exit);
    }

    /// <summary>Whether something was asked of the vCPU since its requests were looked at.</summary>
    [Kernel(Source)]
    private static async Path<bool> KvmVcpuExitRequest(KernelTask current, Vcpu vcpu) =>
        await current.Ask(vcpu, KvmRequestPending.Now);
}
