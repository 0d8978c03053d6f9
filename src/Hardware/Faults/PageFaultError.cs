namespace GmemActors.Hardware;

/// <summary>The error code of a page fault, and EXITINFO1 of a nested one: <c>PFERR_*</c>.</summary>
/// <remarks>Source: AMD APM vol 2 §8.4.2 and §15.36.10; Linux names none for <see cref="Sss"/>.</remarks>
[Flags]
public enum PageFaultError : ulong
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>The page was present: the fault is about rights.</summary>
    Present = 1ul << 0,

    /// <summary>The access was a write.</summary>
    Write = 1ul << 1,

    /// <summary>The access came from user mode.</summary>
    User = 1ul << 2,

    /// <summary>A reserved bit was set in a page table.</summary>
    Rsvd = 1ul << 3,

    /// <summary>The access was an instruction fetch.</summary>
    Instr = 1ul << 4,

    /// <summary>An RMP or VMPL check failed.</summary>
    Rmp = 1ul << 31,

    /// <summary>The nested fault was on the final translation.</summary>
    Final = 1ul << 32,

    /// <summary>The nested fault was on a walk of the guest's page tables.</summary>
    Page = 1ul << 33,

    /// <summary>The guest's effective C-bit was 1.</summary>
    Enc = 1ul << 34,

    /// <summary>The sizes asked for and of the RMP entry differ.</summary>
    Sizem = 1ul << 35,

    /// <summary>The VMPL permissions forbid it.</summary>
    Vmpl = 1ul << 36,

    /// <summary>The VMPL's supervisor shadow stack permission forbids it.</summary>
    Sss = 1ul << 37,
}
