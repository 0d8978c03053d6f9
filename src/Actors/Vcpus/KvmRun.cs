namespace GmemActors.Actors;

/// <summary>Why KVM_RUN came back to user space: <c>KVM_EXIT_…</c>. Source: include/uapi/linux/kvm.h.</summary>
public enum ExitReason
{
    /// <summary><c>KVM_EXIT_UNKNOWN</c>: no exit yet.</summary>
    Unknown = 0,

    /// <summary><c>KVM_EXIT_HYPERCALL</c>: the guest asks for frames to be made private or shared.</summary>
    Hypercall = 3,

    /// <summary><c>KVM_EXIT_HLT</c>: the guest's program is at its end.</summary>
    Hlt = 5,

    /// <summary><c>KVM_EXIT_MMIO</c>: there is no memory at the address.</summary>
    Mmio = 6,

    /// <summary><c>KVM_EXIT_INTR</c>: a signal is pending.</summary>
    Intr = 10,

    /// <summary><c>KVM_EXIT_MEMORY_FAULT</c>: the memory is not of the kind that the guest wants.</summary>
    MemoryFault = 39,
}

/// <summary>
/// What a vCPU's thread shares with user space, <c>struct kvm_run</c>, and where its guest is in its program. The thread's own.
/// </summary>
/// <remarks>Source: include/uapi/linux/kvm.h, struct kvm_run.</remarks>
public sealed class KvmRun(IReadOnlyList<GuestOp> program)
{
    /// <summary>What the guest does, one after the other.</summary>
    public IReadOnlyList<GuestOp> Program { get; } = program;

    /// <summary>What it does next.</summary>
    public int Next { get; set; }

    /// <summary>Whether the guest has done all it had to do.</summary>
    public bool IsAtEnd => Next >= Program.Count;

    /// <summary>Why KVM_RUN returned.</summary>
    public ExitReason ExitReason { get; set; }

    /// <summary>Of a memory fault: the frame; its size is 4K always. Of a hypercall: the first frame.</summary>
    public GfnRange Range { get; set; }

    /// <summary>Of a memory fault: KVM_MEMORY_EXIT_FLAG_PRIVATE. Of a hypercall: KVM_MAP_GPA_RANGE_ENCRYPTED.</summary>
    public bool IsPrivate { get; set; }

    /// <summary><c>hypercall.ret</c>: what user space answers; 0 is success.</summary>
    public ulong HypercallRet { get; set; }
}
