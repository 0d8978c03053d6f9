using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A VM's leaf SPTEs, one a guest frame.</summary>
/// <remarks>Source: arch/x86/kvm/mmu/tdp_mmu.c, spte.h. Simplified: one root, 4K leaves, tables that are there already, no FROZEN.</remarks>
internal sealed class TdpPageTable(GfnRange frames)
{
    private readonly Spte?[] _sptes = new Spte?[frames.End.Value - frames.Start.Value];

    /// <summary>The frames a guest can name.</summary>
    internal GfnRange Frames { get; } = frames;

    /// <summary>How many leaves are present.</summary>
    internal int Present { get; private set; }

    /// <summary>All leaves, for properties.</summary>
    internal ReadOnlySpan<Spte?> Sptes => _sptes;

    internal Translation Walk(Gfn gfn) =>
        Frames.Contains(gfn) && At(gfn) is { } spte ? new(spte.Pfn, PageLevel.Level4K, writable: true) : Translation.None;

    internal Spte? Read(Gfn gfn) => At(gfn);

    internal bool TryCmpxchg(Gfn gfn, Spte? old, Spte? value)
    {
        ref var spte = ref At(gfn);
        if (spte != old) return false;
        Present += (value is null ? 0 : 1) - (spte is null ? 0 : 1);
        spte = value;
        return true;
    }

    /// <summary>Clears a range; says whether anything was there, so that a flush is due.</summary>
    internal bool Zap(GfnRange range)
    {
        var before = Present;
        for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1) TryCmpxchg(gfn, At(gfn), null);
        return Present != before;
    }

    private ref Spte? At(Gfn gfn) => ref _sptes[gfn.Value - Frames.Start.Value];
}
