using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What a mirror SPTE is.</summary>
public enum MirrorKind : byte
{
    /// <summary>Not present.</summary>
    None,

    /// <summary><c>FROZEN_SPTE</c>: somebody is in a SEAMCALL for it, and nobody else may write it.</summary>
    Frozen,

    /// <summary>A page table; the page is that of the secure EPT, <c>external_spt</c>.</summary>
    Table,

    /// <summary>A page.</summary>
    Leaf,
}

/// <summary>An SPTE of the mirror root: KVM's copy of an entry of the secure EPT.</summary>
public readonly record struct MirrorSpte(MirrorKind Kind, Pfn Pfn)
{
    /// <summary>Not present.</summary>
    public static MirrorSpte None => default;

    /// <summary>Nobody else may write it.</summary>
    public static MirrorSpte Frozen => new(MirrorKind.Frozen, default);

    /// <summary>A page table of the secure EPT.</summary>
    public static MirrorSpte Table(Pfn externalSpt) => new(MirrorKind.Table, externalSpt);

    /// <summary>A page.</summary>
    public static MirrorSpte Leaf(Pfn pfn) => new(MirrorKind.Leaf, pfn);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        MirrorKind.None => "none",
        MirrorKind.Frozen => "FROZEN",
        MirrorKind.Table => $"table {Pfn}",
        _ => $"{Pfn}",
    };
}

/// <summary>The private half of a trust domain's page tables as KVM sees it: the mirror root.</summary>
/// <remarks>Source: arch/x86/kvm/mmu/tdp_mmu.c, spte.h. Simplified: three levels; the root has the 1G entries.</remarks>
internal sealed class MirrorPageTable(GfnRange frames)
{
    private readonly MirrorSpte[][] _levels = [Entries(frames, PageLevel.Level4K), Entries(frames, PageLevel.Level2M), Entries(frames, PageLevel.Level1G)];

    /// <summary>The frames a guest can name.</summary>
    internal GfnRange Frames { get; } = frames;

    /// <summary>The leaves, for properties.</summary>
    internal ReadOnlySpan<MirrorSpte> Leaves => _levels[0];

    internal MirrorSpte Read(Gfn gfn, PageLevel level) => At(gfn, level);

    internal void Write(Gfn gfn, PageLevel level, MirrorSpte spte) => At(gfn, level) = spte;

    internal bool TryCmpxchg(Gfn gfn, PageLevel level, MirrorSpte old, MirrorSpte spte)
    {
        ref var entry = ref At(gfn, level);
        if (entry != old) return false;
        entry = spte;
        return true;
    }

    /// <summary>The first frame of a range whose leaf is not none; none if there is none.</summary>
    internal Gfn? Next(GfnRange range)
    {
        for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1)
        {
            if (At(gfn, PageLevel.Level4K).Kind != MirrorKind.None) return gfn;
        }

        return null;
    }

    /// <summary>How many tables are missing on the way to a frame.</summary>
    internal int MissingTables(Gfn gfn)
    {
        var missing = 0;
        for (var level = PageLevel.Level1G; level > PageLevel.Level4K; level--)
        {
            if (At(gfn, level).Kind != MirrorKind.Table) missing++;
        }

        return missing;
    }

    /// <summary>All tables, the lower ones first.</summary>
    internal List<MirrorTable> Tables()
    {
        List<MirrorTable> tables = [];
        for (var level = PageLevel.Level2M; level <= PageLevel.Level1G; level++)
        {
            var entries = _levels[(int)level - 1];
            var first = Frames.Start.AlignDown(level);
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Kind == MirrorKind.Table) tables.Add(new(first + ((ulong)i * level.Pages()), level, entries[i].Pfn));
            }
        }

        return tables;
    }

    private static MirrorSpte[] Entries(GfnRange frames, PageLevel level)
    {
        var (first, last) = (frames.Start.AlignDown(level), (frames.End.Value - 1) / level.Pages());
        return new MirrorSpte[last - (first.Value / level.Pages()) + 1];
    }

    private ref MirrorSpte At(Gfn gfn, PageLevel level) =>
        ref _levels[(int)level - 1][(gfn.Value / level.Pages()) - (Frames.Start.Value / level.Pages())];
}

/// <summary>A page table of the mirror root, and the page of the secure EPT that it mirrors.</summary>
public sealed record MirrorTable(Gfn Gfn, PageLevel Level, Pfn ExternalSpt);
