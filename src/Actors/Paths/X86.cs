using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/x86.c: a vCPU runs.</summary>
public static class X86
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
    /// kvm->srcu is not held while the guest runs. The mode is set before the requests are looked at: who asks for something later
    /// finds the processor in guest mode, and kicks it. Simplified: a request found then is met without leaving guest mode again.
    /// </remarks>
    [Kernel(Source)]
    private static async Path<Result<bool>> VcpuEnterGuest(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        var (vm, cpu) = (vcpu.Vm, vcpu.Cpu);
        await current.Ask(vm, SrcuReadUnlock.Now);
        await current.Ask(cpu, EnterGuest.Now);
        var requests = await current.Ask(vcpu, KvmCheckRequests.Now);
        if ((requests & VcpuRequests.TlbFlush) != 0) await current.Ask(cpu, TlbFlush.Now);
        var exit = await PlainGuest.Run(current, vcpu, run);
        await current.Ask(cpu, ExitGuest.Now);
        await current.Ask(vm, SrcuReadLock.Now);
        return await HandleExit(current, vcpu, run, exit);
    }

    [Kernel(Source, "kvm_x86_ops.handle_exit")]
    private static async Path<Result<bool>> HandleExit(KernelTask current, Vcpu vcpu, KvmRun run, GuestExit exit)
    {
        switch (exit.Reason)
        {
            case GuestExitReason.Interrupt:
                return true;
            case GuestExitReason.Halt:
                run.ExitReason = ExitReason.Hlt;
                return false;
            case GuestExitReason.Hypercall:
                run.ExitReason = ExitReason.Hypercall;
                return false;
            default:
                return await Mmu.KvmMmuPageFault(current, vcpu, run, exit.Gfn, exit.Error);
        }
    }
}
