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

/// <summary>Takes <c>kvm->lock</c>.</summary>
public sealed record KvmLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmLock Now = new();
}

/// <summary>Gives <c>kvm->lock</c> back.</summary>
public sealed record KvmUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmUnlock Now = new();
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
