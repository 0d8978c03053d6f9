using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A present leaf SPTE: the frame, and for which kind of access it is.</summary>
/// <remarks>
/// An access of the other kind faults: TDX keeps the two kinds in trees of their own, SNP compares with the RMP.
/// </remarks>
public readonly record struct Spte(Pfn Pfn, bool IsPrivate)
{
    /// <inheritdoc/>
    public override string ToString() => IsPrivate ? $"{Pfn}" : $"{Pfn} shared";
}
