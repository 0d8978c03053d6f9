namespace GmemActors.Hardware;

/// <summary>One entry of a secure EPT.</summary>
internal sealed class SeptEntry(PageLevel level, Gfn gfn)
{
    internal PageLevel Level { get; } = level;

    /// <summary>The first frame it is for.</summary>
    internal Gfn Gfn { get; } = gfn;

    /// <summary>Bit 11, and bit 52 for host priority.</summary>
    internal SharexLock Lock { get; } = new();

    internal SeptState State { get; set; }

    /// <summary>The page, or the page table.</summary>
    internal Pfn Pfn { get; set; }

    /// <summary>The TLB epoch in which it was blocked.</summary>
    internal ulong BlockEpoch { get; set; }

    /// <summary>How many 4K parts of a 2M page an interrupted ACCEPT has zeroed.</summary>
    internal int Accepted { get; set; }
}

/// <summary>The page tables of a trust domain that only the TDX module writes.</summary>
// Simplified: three levels; the root has the 1G entries.
internal sealed class SecureEpt
{
    // A handful: to look through them is faster than an index.
    private readonly List<SeptEntry> _entries = [];

    /// <summary>The entry for a frame at a level; null if there is no page table for it.</summary>
    internal SeptEntry? Find(Gfn gfn, PageLevel level)
    {
        if (level < PageLevel.Level1G && Find(gfn, level + 1) is not { State: SeptState.NlMapped }) return null;
        if (Look(gfn, level) is { } found) return found;
        var added = new SeptEntry(level, gfn.AlignDown(level));
        _entries.Add(added);
        return added;
    }

    /// <summary>The last entry on the way down to a level: one at that level, or one above it that is no page table.</summary>
    internal (SeptEntry Entry, PageLevel Level) FindLast(Gfn gfn, PageLevel level)
    {
        for (var at = PageLevel.Level1G; ; at--)
        {
            var entry = Find(gfn, at)!;
            if (at == level || entry.State != SeptState.NlMapped) return (entry, at);
        }
    }

    /// <summary>The page of a frame, blocked or not; null if there is none.</summary>
    internal SeptEntry? FindLeaf(Gfn gfn)
    {
        for (var level = PageLevel.Level4K; level <= PageLevel.Level1G; level++)
        {
            if (Look(gfn, level) is { } entry && entry.State.IsLeaf()) return entry;
        }

        return null;
    }

    /// <summary>What a processor in the guest finds.</summary>
    internal Translation Walk(Gfn gfn)
    {
        for (var level = PageLevel.Level1G; level >= PageLevel.Level4K; level--)
        {
            if (Look(gfn, level) is not { } entry) break;
            if (entry.State == SeptState.NlMapped) continue;
            if (entry.State.IsAccessible()) return new(entry.Pfn, level, entry.State == SeptState.Mapped);
            if (SeptTransitions.Accept(entry.State) is not null) return Translation.Pending(entry.Pfn, level);
            break;
        }

        return Translation.None;
    }

    /// <summary>Takes out the entries of a page table; false if one of them is not free.</summary>
    internal bool TryRemoveTable(Gfn gfn, PageLevel level)
    {
        var first = gfn.AlignDown(level);
        foreach (var entry in _entries)
        {
            if (entry.Level == level - 1 && entry.Gfn.AlignDown(level) == first && entry.State != SeptState.Free) return false;
        }

        _entries.RemoveAll(entry => entry.Level == level - 1 && entry.Gfn.AlignDown(level) == first);
        return true;
    }

    private SeptEntry? Look(Gfn gfn, PageLevel level)
    {
        var first = gfn.AlignDown(level);
        foreach (var entry in _entries)
        {
            if (entry.Level == level && entry.Gfn == first) return entry;
        }

        return null;
    }
}
