using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A command of KVM_MEMORY_ENCRYPT_OP for a trust domain: <c>struct kvm_tdx_cmd</c>.</summary>
/// <remarks>Source: arch/x86/include/uapi/asm/kvm.h.</remarks>
/// <param name="Flags">Of most commands none is supported.</param>
/// <param name="HwError">Written by KVM; user space passes 0.</param>
public abstract record KvmTdxCmd(uint Flags, ulong HwError)
{
    /// <summary>KVM_TDX_INIT_VM: the trust domain is created.</summary>
    public sealed record InitVm(uint Flags = 0, ulong HwError = 0) : KvmTdxCmd(Flags, HwError);

    /// <summary>KVM_TDX_FINALIZE_VM: it can run.</summary>
    public sealed record FinalizeVm(uint Flags = 0, ulong HwError = 0) : KvmTdxCmd(Flags, HwError);

    /// <summary>KVM_TDX_INIT_VCPU: a vCPU gets its state.</summary>
    public sealed record InitVcpu(uint Flags = 0, ulong HwError = 0) : KvmTdxCmd(Flags, HwError);

    /// <summary>KVM_TDX_INIT_MEM_REGION: pages that the trust domain begins with.</summary>
    /// <param name="Region">Which, as user space holds it: KVM writes how far it came. Null: it cannot be read.</param>
    /// <param name="Flags"><see cref="MeasureMemoryRegion"/> or none.</param>
    /// <param name="HwError">Written by KVM; user space passes 0.</param>
    public sealed record InitMemRegion(KvmTdxInitMemRegion? Region, uint Flags = 0, ulong HwError = 0)
        : KvmTdxCmd(Flags, HwError)
    {
        /// <summary><c>KVM_TDX_MEASURE_MEMORY_REGION</c>: the content is measured.</summary>
        public const uint MeasureMemoryRegion = 1;
    }
}

/// <summary>Pages that a trust domain begins with: <c>struct kvm_tdx_init_mem_region</c>. KVM moves it on by what it has done.</summary>
public sealed class KvmTdxInitMemRegion(ulong sourceAddr, ulong gpa, ulong nrPages)
{
    /// <summary>The user's address of the content.</summary>
    public ulong SourceAddr { get; internal set; } = sourceAddr;

    /// <summary>The guest's address.</summary>
    public ulong Gpa { get; internal set; } = gpa;

    /// <summary>How many pages.</summary>
    public ulong NrPages { get; internal set; } = nrPages;
}
