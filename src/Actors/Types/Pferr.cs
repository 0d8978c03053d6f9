using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Bits of a fault's error code that KVM sets itself. Source: arch/x86/include/asm/kvm_host.h.</summary>
public static class Pferr
{
    /// <summary><c>PFERR_IMPLICIT_ACCESS</c>.</summary>
    public const PageFaultError ImplicitAccess = (PageFaultError)(1ul << 48);

    /// <summary><c>PFERR_PRIVATE_ACCESS</c>: the guest uses its private memory.</summary>
    public const PageFaultError PrivateAccess = (PageFaultError)(1ul << 49);
}
