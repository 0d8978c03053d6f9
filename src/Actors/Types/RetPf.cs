namespace GmemActors.Actors;

/// <summary>How the handling of a guest page fault ended.</summary>
/// <remarks>Source: arch/x86/kvm/mmu/mmu_internal.h, the RET_PF values.</remarks>
public enum RetPf
{
    /// <summary>So far so good: go on.</summary>
    Continue = 0,

    /// <summary>Let the guest fault again.</summary>
    Retry = 1,

    /// <summary>The instruction has to be emulated.</summary>
    Emulate = 2,

    /// <summary>The page is write-protected.</summary>
    WriteProtected = 3,

    /// <summary>Not a fault that the fast handlers know.</summary>
    Invalid = 4,

    /// <summary>The page is mapped now.</summary>
    Fixed = 5,

    /// <summary>Another CPU mapped it meanwhile.</summary>
    Spurious = 6,
}
