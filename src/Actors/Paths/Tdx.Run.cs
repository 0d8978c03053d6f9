using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// How a vCPU of a trust domain runs, and what it exits for.
public static partial class Tdx
{
    /// <summary>Whether KVM_RUN makes sense: the vCPU and the trust domain can run.</summary>
    [Kernel(Source)]
    internal static async Path<Errno> TdxVcpuPreRun(KernelTask current, Vcpu vcpu)
    {
        if (!await current.Ask(vcpu, IsTdVcpuInitialized.Now)) return Errno.EINVAL;
        return (await current.Ask(vcpu.Vm, ReadKvmTdx.Now)).State == TdState.Runnable ? Errno.None : Errno.EINVAL;
    }

    /// <summary>Enters the trust domain and stays there until it exits. Interrupts are off.</summary>
    /// <remarks>
    /// What is done for a guest's BUSY is the same as for an interrupt: back to the loop, with interrupts on, so that a kick that waits is
    /// acknowledged. Simplified: a call that fails otherwise is told to user space as a fail of the entry, without its number.
    /// </remarks>
    [Kernel(Source)]
    internal static async Path<GuestExit> TdxVcpuRun(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        // A zap needs everybody out.
        if (await current.Ask(vcpu.Vm, ReadWaitForSeptZap.Now))
        {
            current.Mark(Events.TdxWaitedForZap);
            current.Retry("wait_for_sept_zap");
            return new(GuestExitReason.Interrupt);
        }

        var vp = await current.Ask(vcpu, ReadVp.Now);
        var err = await Seamcalls.TdhVpEnter(current, vp!);
        if (err == TdxStatus.Success)
        {
            var exit = await TdProgram.Run(current, vcpu, vp!, run);
            Gfn? violation = exit.Reason is GuestExitReason.PageFault or GuestExitReason.PendingPage ? exit.Gfn : null;
            await Seamcalls.Exit(current, vp!, (ulong)run.Next, violation);
            return exit;
        }

        // Suspected of being stepped, and a frame that it faulted on is not there: the same as if it had faulted again.
        if (err.IsExit) return new(GuestExitReason.PageFault, TdProgram.FrameOf(run), PageFaultError.Write);
        if (err.Code != TdxCode.OperandBusy) return new(GuestExitReason.EntryFailed);
        current.Mark(Events.TdxEnterBusy);
        current.Retry("TDH_VP_ENTER: TDX_OPERAND_BUSY");
        return new(GuestExitReason.Interrupt);
    }

    /// <summary>Why a trust domain exited; says whether to go on.</summary>
    [Kernel(Source)]
    internal static async Path<Result<bool>> TdxHandleExit(KernelTask current, Vcpu vcpu, KvmRun run, GuestExit exit)
    {
        switch (exit.Reason)
        {
            case GuestExitReason.Interrupt:
                return true;
            case GuestExitReason.Halt:
                run.ExitReason = ExitReason.Hlt;
                return false;
            case GuestExitReason.Hypercall:
                return TdxMapGpa(current, vcpu, run, TdProgram.MapGpaOf(run));
            case GuestExitReason.EntryFailed:
                run.ExitReason = ExitReason.FailEntry;
                return false;
            default:
                return await TdxHandleEptViolation(current, vcpu, run, exit);
        }
    }

    /// <summary>
    /// An access did not get through. A private one is tried again here: each exit to the guest and back would count as a step
    /// for the module's suspicion of zero-stepping.
    /// </summary>
    [Kernel(Source)]
    private static async Path<Result<bool>> TdxHandleEptViolation(KernelTask current, Vcpu vcpu, KvmRun run, GuestExit exit)
    {
        var vm = vcpu.Vm;
        if (exit.Reason == GuestExitReason.PendingPage)
        {
            // The guest uses what it has not accepted: it never will, and nobody tells it.
            await KvmHost.KvmVmDead(current, vm);
            return Errno.EIO;
        }

        // Private memory is always mapped writable: a read fault would be followed by a second one.
        var isPrivate = run.Program[run.Next] is not Access { IsPrivate: false };
        var error = isPrivate ? PageFaultError.Write | Pferr.PrivateAccess : exit.Error;
        while (true)
        {
            var result = await Mmu.KvmMmuPageFault(current, vcpu, run, exit.Gfn, error);
            if (result.IsErr) return result.Errno;
            if (result.Value != RetPf.Retry || !isPrivate) return result.Value != RetPf.Continue;
            current.Mark(Events.TdxLocalRetry);

            // Simplified: no events are injected, so that nothing but a signal is pending.
            if (KvmMain.SignalPending(current, vm)) return true;
            if (await current.Ask(vm, ReadVmDead.Now)) return Errno.EIO;
            var slot = await current.Ask(vm, new GfnToMemslot(exit.Gfn));

            // Whoever deletes it waits for this vCPU to drop kvm->srcu.
            if (slot is { IsInvalid: true } && !vm.Machine.Kernel.Has(TdxBugs.LocalRetryOnInvalidSlot)) return true;
        }
    }
}
