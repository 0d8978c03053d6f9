using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>
/// Takes <c>mmu_lock</c>, shared as a fault does (<c>read_lock</c>) or exclusive as an invalidation does
/// (<c>KVM_MMU_LOCK</c>).
/// </summary>
public sealed record KvmMmuLock(LockMode Mode) : Acquire(Mode)
{
    /// <summary>Together with other faults.</summary>
    public static readonly KvmMmuLock Shared = new(LockMode.Shared);

    /// <summary>Alone.</summary>
    public static readonly KvmMmuLock Exclusive = new(LockMode.Exclusive);
}

/// <summary>Gives <c>mmu_lock</c> back.</summary>
public sealed record KvmMmuUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmMmuUnlock Now = new();
}

/// <summary>Begins to read what <c>kvm->srcu</c> protects: the active memslots.</summary>
public sealed record SrcuReadLock() : Acquire(LockMode.Shared)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SrcuReadLock Now = new();
}

/// <summary>Ends reading what <c>kvm->srcu</c> protects.</summary>
public sealed record SrcuReadUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SrcuReadUnlock Now = new();
}

/// <summary>Waits for everybody who reads under <c>kvm->srcu</c> now.</summary>
public sealed record SynchronizeSrcu : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SynchronizeSrcu Now = new();
}

/// <summary>A vCPU enters guest mode with an empty TLB.</summary>
public sealed record VcpuEnterGuest() : Acquire(LockMode.Shared)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly VcpuEnterGuest Now = new();
}

/// <summary>A vCPU leaves guest mode: it uses no translation any more that it had.</summary>
public sealed record VcpuExitGuest : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly VcpuExitGuest Now = new();
}

/// <summary>
/// Waits for every vCPU that is in guest mode now: none uses a translation that was taken away before.
/// </summary>
public sealed record KvmFlushRemoteTlbs : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmFlushRemoteTlbs Now = new();
}

/// <summary>Takes <c>slots_lock</c>.</summary>
public sealed record SlotsLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SlotsLock Now = new();
}

/// <summary>Gives <c>slots_lock</c> back.</summary>
public sealed record SlotsUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SlotsUnlock Now = new();
}

/// <summary>Takes <c>slots_arch_lock</c>.</summary>
public sealed record SlotsArchLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SlotsArchLock Now = new();
}

/// <summary>Gives <c>slots_arch_lock</c> back.</summary>
public sealed record SlotsArchUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SlotsArchUnlock Now = new();
}

/// <summary>The present leaf SPTE of a frame, as a page walk finds it; none if there is none.</summary>
public sealed record ReadSpte(Gfn Gfn) : Query<Spte?>;

/// <summary>Changes a leaf SPTE if it is still what it was; replies whether it did.</summary>
public sealed record TryCmpxchgSpte(Gfn Gfn, Spte? Old, Spte? New) : Message<bool>;

/// <summary>The active memslot of a frame; none if there is none.</summary>
public sealed record GfnToMemslot(Gfn Gfn) : Query<Memslot?>;

/// <summary>Whether a frame is private now: <c>kvm_mem_is_private()</c>. Read without a lock.</summary>
public sealed record KvmMemIsPrivate(Gfn Gfn) : Query<bool>;

/// <summary>Whether all frames of a range have these attributes and no others.</summary>
public sealed record KvmRangeHasMemoryAttributes(GfnRange Range, KvmMemoryAttributes Attributes) : Query<bool>;

/// <summary>Gives a frame its attributes; who faults may read them before and after.</summary>
public sealed record StoreMemoryAttributes(Gfn Gfn, KvmMemoryAttributes Attributes) : Message<Done>;

/// <summary>The active memslots that have any frame of a range.</summary>
public sealed record KvmForEachMemslotInGfnRange(GfnRange Range) : Query<Memslot[]>;

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

/// <summary>Takes the SPTEs of a range away; replies whether a flush is due.</summary>
public sealed record KvmUnmapGfnRange(GfnRange Range) : Message<bool>;

/// <summary>Closes an invalidation.</summary>
public sealed record KvmMmuInvalidateEnd : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmMmuInvalidateEnd Now = new();
}

/// <summary>Reads a memslot's <c>gmem.file</c>, a pointer without a reference; may be none.</summary>
public sealed record ReadGmemFile(Memslot Slot) : Query<GmemFile?>;

/// <summary>Writes a memslot's <c>gmem.file</c>.</summary>
public sealed record WriteGmemFile(Memslot Slot, GmemFile? File) : Message<Done>;

/// <summary>The active memslot of that number; none if there is none.</summary>
public sealed record IdToMemslot(int Id) : Query<Memslot?>;

/// <summary>Whether another memslot has any of these frames.</summary>
public sealed record KvmCheckMemslotOverlap(int Id, GfnRange Range) : Query<bool>;

/// <summary>A new memslot object.</summary>
public sealed record AllocMemslot(int Id, GfnRange Range, KvmMem Flags, Pgoff Pgoff, ulong UserspaceAddr) : Message<Memslot>;

/// <summary>Puts one memslot in the place of another in the inactive set; either may be none.</summary>
public sealed record KvmReplaceMemslot(Memslot? Old, Memslot? New) : Message<Done>;

/// <summary>The active memslots with any of these pages of the user.</summary>
public sealed record KvmForEachMemslotInHvaRange(PageRange Pages) : Query<Memslot[]>;

/// <summary>An mmu_notifier begins: <c>mn_active_invalidate_count</c> goes up.</summary>
public sealed record MnActiveInvalidateInc : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MnActiveInvalidateInc Now = new();
}

/// <summary>An mmu_notifier has ended: the last one wakes the swap that waits.</summary>
public sealed record MnActiveInvalidateDec : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MnActiveInvalidateDec Now = new();
}

/// <summary>Makes the inactive set the active one, once no mmu_notifier is active.</summary>
public sealed record KvmSwapActiveMemslots : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmSwapActiveMemslots Now = new();
}

/// <summary>Frees a memslot object.</summary>
public sealed record KvmFreeMemslot(Memslot Slot) : Message<Done>;
