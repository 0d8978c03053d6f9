using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/include/asm/kvm-x86-ops.h: what the vendors do, each in its own way; which one is the type of the VM.</summary>
internal static class X86Ops
{
    private const string Source = "arch/x86/include/asm/kvm-x86-ops.h";

    /// <summary>The guest runs until its processor leaves guest mode.</summary>
    [Kernel(Source, "vcpu_run")]
    internal static Path<GuestExit> VcpuRun(KernelTask current, Vcpu vcpu, KvmRun run) => PlainGuest.Run(current, vcpu, run);

    /// <summary>Handles what the guest left guest mode for; says whether to go on without user space.</summary>
    [Kernel(Source, "handle_exit")]
    internal static async Path<Result<bool>> HandleExit(KernelTask current, Vcpu vcpu, KvmRun run, GuestExit exit)
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

    /// <summary>The largest mapping of a private frame that the hardware allows; none if it does not care.</summary>
    [Kernel(Source, "gmem_max_mapping_level")]
    internal static Path<PageLevel> GmemMaxMappingLevel(KernelTask current, Vm vm, Pfn pfn) => new(PageLevel.None);
}
