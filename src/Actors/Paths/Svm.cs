using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/svm/svm.c: vCPUs on AMD processors.</summary>
internal static class Svm
{
    private const string Source = "arch/x86/kvm/svm/svm.c";

    // Simplified: the VMCB is a page that the RMP does not cover, which is the hypervisor's for ever.
    private static readonly Pfn Vmcb = new(0);

    /// <summary>Lets the guest of an SNP vCPU run until it exits; says why. The processor is in guest mode.</summary>
    [Kernel(Source)]
    internal static async Path<GuestExit> SvmVcpuRun(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        var (vm, rmp) = (vcpu.Vm, vcpu.Vm.Machine.Rmp!);
        var vmsa = await current.Ask(vcpu, ReadVmsaPa.Now);
        if (vmsa.Pfn is null) return new(GuestExitReason.NoVmsa);
        var pages = new VmrunPages(Vmcb, vmsa.Pfn, vmsa.Gfn);
        var fault = await current.Ask(rmp, new Vmrun(vm.Asid, pages));
        if (fault.IsFault) return new(GuestExitReason.EntryFailed);
        var exit = await SnpProgram.Run(current, vcpu, run);
        await current.Ask(rmp, new Vmexit(pages));
        return exit;
    }

    /// <summary>Handles an exit of an SNP guest; says whether to go on.</summary>
    [Kernel(Source)]
    internal static async Path<Result<bool>> SvmInvokeExitHandler(KernelTask current, Vcpu vcpu, KvmRun run, GuestExit exit)
    {
        switch (exit.Reason)
        {
            case GuestExitReason.PageFault:
                return await NpfInterception(current, vcpu, run, exit.Gfn, exit.Error);
            case GuestExitReason.Vmgexit:
                return await Sev.SevHandleVmgexit(current, vcpu, run);
            case GuestExitReason.NoVmsa when !vcpu.Vm.Machine.Kernel.Has(SnpBugs.VmsaNotTold):
                return Errno.EINVAL;
            default:
                run.ExitReason = ExitReason.FailEntry;
                return false;
        }
    }

    /// <summary>A nested page fault, or the RMP refused an access.</summary>
    [Kernel(Source)]
    private static async Path<Result<bool>> NpfInterception(
        KernelTask current, Vcpu vcpu, KvmRun run, Gfn gfn, PageFaultError error)
    {
        if ((error & PageFaultError.Enc) != 0) error |= Pferr.PrivateAccess;
        var handled = await Mmu.KvmMmuPageFault(current, vcpu, run, gfn, error);
        Result<bool> result = handled.IsErr ? handled.Errno : handled.Value != RetPf.Continue;
        if ((error & PageFaultError.Rmp) == 0) return result;

        // What user space has to see to is an error here, not a 0: there is nothing for the RMP's handler then.
        var isHandled = !result.IsErr && result.Value;
        if (!isHandled && !vcpu.Vm.Machine.Kernel.Has(SnpBugs.RmpHandlerAfterExit)) return result;
        current.WarnOn(!isHandled, "sev_handle_rmp_fault: user space handles this fault");
        await Sev.SevHandleRmpFault(current, vcpu, gfn);
        if (isHandled) current.Retry("#NPF with the RMP bit");
        return result;
    }
}
