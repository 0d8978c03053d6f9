using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

// What the architecture does for memslots, and how a VM of it ends.
public static partial class X86
{
    /// <summary>What of a memslot the architecture has to make room for, and whether its frames are within the limit.</summary>
    /// <remarks>Simplified: nobody tracks writes for a device; the limit is the first bit that no guest address has, so no alias bit either.</remarks>
    [Kernel(Source)]
    internal static Errno KvmArchPrepareMemoryRegion(KernelTask current, Vm vm, Memslot slot, MemslotChange change)
    {
        if (change == MemslotChange.FlagsOnly) return Errno.None;
        if (slot.Range.Start.Value < vm.Frames.Start.Value || slot.Range.End.Value > vm.Frames.End.Value) return Errno.EINVAL;
        return vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "kvm_alloc_memslot_metadata") ? Errno.ENOMEM : Errno.None;
    }

    /// <summary>What must go before the notifiers do.</summary>
    /// <remarks>Simplified: no background workers.</remarks>
    [Kernel(Source)]
    internal static Path KvmArchPreDestroyVm(KernelTask current, Vm vm) =>
        vm.Type == VmType.Tdx ? Tdx.TdxMmuReleaseHkid(current, vm) : default;

    /// <summary>Takes every mapping of a VM away.</summary>
    [Kernel("arch/x86/kvm/mmu/mmu.c")]
    internal static Path KvmArchFlushShadowAll(KernelTask current, Vm vm) => Mmu.KvmMmuZapAll(current, vm);

    /// <summary>Frees what the architecture has of a VM: vCPUs and page tables, and what the vendor has of it last.</summary>
    /// <remarks>Simplified: no memslots of KVM's own; a vCPU's task has ended; the order of the vendors is that of 7.2.</remarks>
    [Kernel(Source)]
    internal static async Path KvmArchDestroyVm(KernelTask current, Vm vm)
    {
        if (vm.Type == VmType.Snp) await Sev.SevFreeVcpus(current, vm);
        if (vm.Type == VmType.Tdx)
        {
            foreach (var vcpu in await current.Ask(vm, KvmForEachVcpu.Now)) await Tdx.TdxVcpuFree(current, vcpu);
        }

        await Mmu.KvmMmuUninitVm(current, vm);
        if (vm.Type == VmType.Snp) await Sev.SevVmDestroy(current, vm);
        if (vm.Type == VmType.Tdx) await Tdx.TdxVmDestroy(current, vm);
    }
}
