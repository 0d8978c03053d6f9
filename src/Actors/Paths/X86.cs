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
        var (complete, goesOn) = (run.CompleteUserspaceIo, new Result<bool>(true, Errno.None));
        run.CompleteUserspaceIo = null;
        if (complete is not null) goesOn = complete(current, vcpu, run);
        if (goesOn.Value && vcpu.Vm.Type == VmType.Tdx && await Tdx.TdxVcpuPreRun(current, vcpu) is var bad and not Errno.None) goesOn = bad;
        var errno = goesOn.Value ? await VcpuRun(current, vcpu, run) : goesOn.Errno;
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
        var isTd = vm.Type == VmType.Tdx;
        await current.Ask<Done>(cpu, isTd ? LocalIrqDisable.Now : EnterGuest.Now);
        var requests = await current.Ask(vcpu, KvmCheckRequests.Now);
        if ((requests & VcpuRequests.TlbFlush) != 0) await current.Ask(cpu, TlbFlush.Now);
        var isDead = (requests & VcpuRequests.VmDead) != 0;
        var exit = isDead ? default : isTd ? await Tdx.TdxVcpuRun(current, vcpu, run) : await PlainGuest.Run(current, vcpu, run);
        await current.Ask<Done>(cpu, isTd ? LocalIrqEnable.Now : ExitGuest.Now);
        await current.Ask(vm, SrcuReadLock.Now);
        if (isDead) return Errno.EIO;
        return await HandleExit(current, vcpu, run, exit);
    }

    [Kernel(Source, "kvm_x86_ops.handle_exit")]
    private static async Path<Result<bool>> HandleExit(KernelTask current, Vcpu vcpu, KvmRun run, GuestExit exit)
    {
        if (vcpu.Vm.Type == VmType.Tdx) return await Tdx.TdxHandleExit(current, vcpu, run, exit);
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
                var result = await Mmu.KvmMmuPageFault(current, vcpu, run, exit.Gfn, exit.Error);
                return result.IsErr ? result.Errno : result.Value != RetPf.Continue;
        }
    }
}
