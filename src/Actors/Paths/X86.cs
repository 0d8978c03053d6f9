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
        var completed = run.Complete == CompleteUserspaceIo.None ? true : await Sev.CompletePsc(current, vcpu, run);
        var errno = completed is { IsErr: false, Value: true } ? await VcpuRun(current, vcpu, run) : completed.Errno;
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
        var reloads = (requests & (VcpuRequests.UpdateProtectedGuestState | VcpuRequests.ReloadVmsa)) != 0;
        var exit = reloads ? new(GuestExitReason.Interrupt) : vm.Type switch
        {
            VmType.Snp => await Svm.SvmVcpuRun(current, vcpu, run),
            _ => await PlainGuest.Run(current, vcpu, run),
        };
        await current.Ask(cpu, ExitGuest.Now);
        await current.Ask(vm, SrcuReadLock.Now);

        // These sleep: the vCPU left the guest again before its first instruction.
        if ((requests & VcpuRequests.UpdateProtectedGuestState) != 0) await Sev.SevSnpInitProtectedGuestState(current, vcpu);
        if ((requests & VcpuRequests.ReloadVmsa) != 0) await Sev.SevSnpReloadVmsa(current, vcpu);
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
                if (vcpu.Vm.Type == VmType.Snp) return await Svm.SvmInvokeExitHandler(current, vcpu, run, exit);
                return await Mmu.KvmMmuPageFault(current, vcpu, run, exit.Gfn, exit.Error);
        }
    }

    /// <summary>A guest is about to get a page of a gmem file. The folio is locked.</summary>
    [Kernel(Source)]
    internal static Path<Errno> KvmArchGmemPrepare(KernelTask current, Vm vm, Gfn gfn, Pfn pfn, int maxOrder) =>
        vm.Type == VmType.Snp ? Sev.SevGmemPrepare(current, vm, pfn, gfn, maxOrder) : new(Errno.None);

    /// <summary>Pages of a gmem file left its page cache and are about to be freed.</summary>
    [Kernel(Source)]
    internal static Path KvmArchGmemInvalidate(KernelTask current, Machine machine, Pfn start, Pfn end) =>
        machine.Rmp is null ? default : Sev.SevGmemInvalidate(current, machine, start, end);

    /// <summary>Frames of a gmem file are about to lose their pages. mmu_lock is held.</summary>
    [Kernel(Source)]
    internal static Path KvmArchGmemInvalidateRange(KernelTask current, Vm vm, GfnRange range) =>
        vm.Type == VmType.Snp && !vm.Machine.Kernel.Has(SnpBugs.VmsaNotTold) ? Sev.SevGmemInvalidateRange(current, vm, range) : default;
}
