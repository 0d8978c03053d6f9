namespace GmemActors.Actors;

/// <summary>What kind of virtual machine it is: what KVM_CREATE_VM was asked for.</summary>
/// <remarks>Source: arch/x86/include/uapi/asm/kvm.h, KVM_X86_DEFAULT_VM and the others.</remarks>
public enum VmType
{
    /// <summary><c>KVM_X86_DEFAULT_VM</c>: no private memory.</summary>
    Default,

    /// <summary><c>KVM_X86_SW_PROTECTED_VM</c>: private memory that no hardware protects.</summary>
    SwProtected,

    /// <summary><c>KVM_X86_SNP_VM</c>: the RMP protects its private memory.</summary>
    Snp,

    /// <summary><c>KVM_X86_TDX_VM</c>: the TDX module protects its private memory.</summary>
    Tdx,
}
