namespace GmemActors.Hardware;

/// <summary>How the processor refuses an access.</summary>
public enum FaultKind : byte
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>#PF, taken by whoever made the access.</summary>
    PageFault,

    /// <summary>#NPF: an exit to the hypervisor.</summary>
    NestedPageFault,

    /// <summary>
    /// #VC with exit code 0x404, PAGE_NOT_VALIDATED, in the guest. CR2 is the address of the access, which the caller knows.
    /// </summary>
    PageNotValidated,

    /// <summary>#GP.</summary>
    GeneralProtection,

    /// <summary>VMRUN fails with VMEXIT_INVALID.</summary>
    VmexitInvalid,

    /// <summary>VMRUN fails with VMEXIT_BUSY (AMD APM vol 2 appendix C): the VMSA runs already.</summary>
    VmexitBusy,

    /// <summary>An EPT violation: an exit to the hypervisor.</summary>
    EptViolation,

    /// <summary>An EPT violation on a page that the trust domain has not accepted.</summary>
    PendingEptViolation,

    /// <summary>#VE in the trust domain.</summary>
    VirtualizationException,

    /// <summary>#MC: poison was consumed.</summary>
    MachineCheck,
}

/// <summary>The outcome of an access: nothing, or how it was refused.</summary>
public readonly record struct Fault
{
    private const int KindShift = 56;

    /// <summary>A refusal with its error code.</summary>
    public Fault(FaultKind kind, PageFaultError error = PageFaultError.None) => Bits = ((ulong)kind << KindShift) | (ulong)error;

    internal Fault(ulong bits) => Bits = bits;

    /// <summary>The access was granted.</summary>
    public static Fault None => default;

    /// <summary>How it was refused.</summary>
    public FaultKind Kind => (FaultKind)(Bits >> KindShift);

    /// <summary>The error code, where the kind has one.</summary>
    public PageFaultError Error => (PageFaultError)(Bits & ((1ul << KindShift) - 1));

    /// <summary>Kind and error code in one word.</summary>
    internal ulong Bits { get; }

    /// <summary>Whether it was refused.</summary>
    public bool IsFault => Kind != FaultKind.None;

    /// <inheritdoc/>
    public override string ToString() => Error == PageFaultError.None ? $"{Kind}" : $"{Kind}({Error})";
}
