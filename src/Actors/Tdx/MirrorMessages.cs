using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Reads an SPTE of the mirror root.</summary>
public sealed record ReadMirrorSpte(Gfn Gfn, PageLevel Level) : Query<MirrorSpte>;

/// <summary>Changes an SPTE of the mirror root if it is still what it was; replies whether it did.</summary>
public sealed record TryCmpxchgMirrorSpte(Gfn Gfn, PageLevel Level, MirrorSpte Old, MirrorSpte New) : Message<bool>;

/// <summary>Writes an SPTE of the mirror root: one that the sender has frozen, or under mmu_lock held for write.</summary>
public sealed record KvmTdpMmuWriteSpte(Gfn Gfn, PageLevel Level, MirrorSpte Spte) : Message<Done>;

/// <summary>The first frame of a range that has a leaf in the mirror root, or a frozen one; none if there is none.</summary>
public sealed record NextMirrorLeaf(GfnRange Range) : Query<Gfn?>;

/// <summary>How many page tables a frame still needs in the mirror root.</summary>
public sealed record MirrorTablesMissing(Gfn Gfn) : Query<int>;

/// <summary>The page tables of the mirror root, the lower ones first.</summary>
public sealed record MirrorTables : Query<List<MirrorTable>>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MirrorTables Now = new();
}
