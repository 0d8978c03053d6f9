using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What the processor of a vCPU finds when it walks the page tables for a frame.</summary>
public sealed record TdpWalk(Vcpu Vcpu, Gfn Gfn) : Query<Translation>;

/// <summary>The entry of a frame at a level in the root that a vCPU has loaded; where there is no table for it, the entry above.</summary>
public sealed record ReadSpte(Vcpu Vcpu, Gfn Gfn, PageLevel Level) : Query<Spte>;

/// <summary>Changes an entry of the root that a vCPU has loaded if it is still what it was; replies whether it did.</summary>
public sealed record TryCmpxchgSpte(Vcpu Vcpu, Gfn Gfn, PageLevel Level, Spte Old, Spte New) : Message<bool>;

/// <summary>What a zap found.</summary>
public enum ZappedLeaf : byte
{
    /// <summary>No leaf.</summary>
    None,

    /// <summary>One leaf, which was the last.</summary>
    TheLast,

    /// <summary>One leaf, and there are others.</summary>
    AndThereIsMore,
}

/// <summary>Takes the first leaf of a range away, in any root.</summary>
public sealed record TdpMmuZapNextLeaf(GfnRange Range) : Message<ZappedLeaf>;

/// <summary>Whether somebody waits for mmu_lock, which whoever holds it for long should drop.</summary>
public sealed record RwlockNeedbreak : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly RwlockNeedbreak Now = new();
}

/// <summary>Why a fault is out of date.</summary>
public enum Staleness : byte
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The root that the vCPU has loaded was made invalid.</summary>
    ObsoleteRoot,

    /// <summary>What it found may have been invalidated: <c>mmu_invalidate_retry_gfn()</c>.</summary>
    Invalidated,
}

/// <summary>Whether a fault with a memslot must try again; mmu_lock is held.</summary>
public sealed record IsPageFaultStale(Vcpu Vcpu, ulong Snapshot, Gfn Gfn) : Query<Staleness>;

/// <summary>
/// The largest mapping that a memslot's <c>lpage_info</c> allows of a frame: 4K where the slot does not have all of a huge page,
/// or not all of it is of one kind.
/// </summary>
public sealed record LpageInfoMaxLevel(Memslot Slot, Gfn Gfn) : Query<PageLevel>;

/// <summary>Whether user space may map memory before the guest uses it: <c>pre_fault_allowed</c>.</summary>
public sealed record PreFaultAllowed : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly PreFaultAllowed Now = new();
}

/// <summary>Whether a vCPU has a root loaded.</summary>
public sealed record HasRoot(Vcpu Vcpu) : Query<bool>;

/// <summary>Whether the root that a vCPU has loaded was made invalid.</summary>
public sealed record IsObsoleteRoot(Vcpu Vcpu) : Query<bool>;

/// <summary>Loads the valid root, or a new one.</summary>
public sealed record KvmTdpMmuAllocRoot(Vcpu Vcpu) : Message<Done>;

/// <summary>Gives up the root that a vCPU has loaded.</summary>
public sealed record KvmTdpMmuPutRoot(Vcpu Vcpu) : Message<Done>;

/// <summary>Makes all roots invalid: nobody loads them any more.</summary>
public sealed record KvmTdpMmuInvalidateRoots : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmTdpMmuInvalidateRoots Now = new();
}

/// <summary>Takes away what is below one of the roots that became invalid; replies whether there was one.</summary>
public sealed record TdpMmuZapInvalidRoot : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly TdpMmuZapInvalidRoot Now = new();
}

/// <summary>A snapshot of <c>mmu_invalidate_seq</c>.</summary>
public sealed record ReadMmuInvalidateSeq : Query<ulong>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadMmuInvalidateSeq Now = new();
}

/// <summary>Whether a fault had better try again, as far as can be seen without <c>mmu_lock</c>.</summary>
public sealed record MmuInvalidateRetryGfnUnsafe(ulong Snapshot, Gfn Gfn) : Query<bool>;

/// <summary>Whether a fault must try again: what it found may have been invalidated since the snapshot.</summary>
public sealed record MmuInvalidateRetryGfn(ulong Snapshot, Gfn Gfn) : Query<bool>;

/// <summary>Opens an invalidation.</summary>
public sealed record KvmMmuInvalidateBegin : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmMmuInvalidateBegin Now = new();
}

/// <summary>Adds frames to what the open invalidations cover.</summary>
public sealed record KvmMmuInvalidateRangeAdd(GfnRange Range) : Message<Done>;

/// <summary>Closes an invalidation.</summary>
public sealed record KvmMmuInvalidateEnd : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmMmuInvalidateEnd Now = new();
}

/// <summary>Whether the 2M page of a memslot at a frame is known to be of both kinds, or is none: <c>hugepage_test_mixed()</c>.</summary>
public sealed record HugepageTestMixed(Memslot Slot, Gfn Gfn) : Query<bool>;

/// <summary>Says of each 2M page of a memslot that has frames in a range whether it is of both kinds.</summary>
public sealed record HugepageSetMixed(Memslot Slot, GfnRange Range) : Message<Done>;
