using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>The present leaf SPTE of a frame, as a page walk finds it; none if there is none.</summary>
public sealed record ReadSpte(Gfn Gfn) : Query<Spte?>;

/// <summary>What the processor's walk finds for a frame.</summary>
public sealed record TdpWalk(Gfn Gfn) : Query<Translation>;

/// <summary>Changes a leaf SPTE if it is still what it was; replies whether it did.</summary>
public sealed record TryCmpxchgSpte(Gfn Gfn, Spte? Old, Spte? New) : Message<bool>;

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
