using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

// How a VM of this architecture ends.
public static partial class X86
{
    /// <summary>What must go before the notifiers do.</summary>
    /// <remarks>Simplified: no background workers.</remarks>
    [Kernel(Source)]
    internal static Path KvmArchPreDestroyVm(KernelTask current, Vm vm) =>
        vm.Type == VmType.Tdx ? Tdx.TdxMmuReleaseHkid(current, vm) : default;

    /// <summary>Takes every mapping of a VM away.</summary>
    [Kernel("arch/x86/kvm/mmu/mmu.c")]
    internal static Path KvmArchFlushShadowAll(KernelTask current, Vm vm) => Mmu.KvmMmuZapAll(current, vm);

    /// <summary>Frees what the architecture has of a VM: vCPUs and page tables, and what the vendor has of it last.</summary>
    /// <remarks>Simplified: no memslots of KVM's own; a vCPU is its task, which has ended.</remarks>
    [Kernel(Source)]
    internal static async Path KvmArchDestroyVm(KernelTask current, Vm vm)
    {
        if (vm.Type == VmType.Tdx)
        {
            foreach (var vcpu in await current.Ask(vm, KvmForEachVcpu.Now)) await Tdx.TdxVcpuFree(current, vcpu);
        }

        await Mmu.KvmMmuUninitVm(current, vm);
        if (vm.Type == VmType.Tdx) await Tdx.TdxVmDestroy(current, vm);
    }
}
