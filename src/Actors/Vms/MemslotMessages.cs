using GmemActors.Engine;

namespace GmemActors.Actors;

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

/// <summary>Reads a memslot's <c>gmem.file</c>, a pointer without a reference; may be none.</summary>
public sealed record ReadGmemFile(Memslot Slot) : Query<GmemFile?>;

/// <summary>Writes a memslot's <c>gmem.file</c>.</summary>
public sealed record WriteGmemFile(Memslot Slot, GmemFile? File) : Message<Done>;

/// <summary>The active memslot of that number; none if there is none.</summary>
public sealed record IdToMemslot(int Id, int AsId = 0) : Query<Memslot?>;

/// <summary>Whether another memslot has any of these frames.</summary>
public sealed record KvmCheckMemslotOverlap(int Id, GfnRange Range, int AsId = 0) : Query<bool>;

/// <summary>A new memslot object.</summary>
public sealed record AllocMemslot(int Id, GfnRange Range, KvmMem Flags, Pgoff Pgoff, ulong UserspaceAddr, int AsId = 0)
    : Message<Memslot>;

/// <summary>Puts one memslot in the place of another in the inactive set; either may be none.</summary>
public sealed record KvmReplaceMemslot(Memslot? Old, Memslot? New) : Message<Done>;

/// <summary>The active memslots with any of these pages of the user.</summary>
public sealed record KvmForEachMemslotInHvaRange(PageRange Pages) : Query<Memslot[]>;

/// <summary>Makes the inactive set the active one, once no mmu_notifier is active.</summary>
public sealed record KvmSwapActiveMemslots(int AsId) : Wait<Done>
{
    /// <summary>Of the address space that every guest has.</summary>
    public static readonly KvmSwapActiveMemslots Now = new(0);
}

/// <summary>Frees a memslot object.</summary>
public sealed record KvmFreeMemslot(Memslot Slot) : Message<Done>;
