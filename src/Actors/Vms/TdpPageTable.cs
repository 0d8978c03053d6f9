using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A root of KVM's page tables with what is below it: 2M entries, and tables of 4K entries.</summary>
/// <remarks>
/// Source: arch/x86/kvm/mmu/tdp_mmu.c. Simplified: the two lowest levels; a table that is taken out is gone at once, not
/// after an RCU grace period.
/// </remarks>
internal sealed class TdpPageTable
{
    private readonly GfnRange _frames;
    private readonly Region[] _regions;

    /// <summary>An empty root for the frames that a guest can name.</summary>
    internal TdpPageTable(GfnRange frames)
    {
        _frames = frames;
        var first = frames.Start.Value / PageLevels.PagesPer2M;
        _regions = new Region[((frames.End.Value - 1) / PageLevels.PagesPer2M) - first + 1];
    }

    /// <summary><c>role.invalid</c>: nobody may begin to use it.</summary>
    internal bool IsInvalid { get; private set; }

    /// <summary><c>tdp_mmu_scheduled_root_to_zap</c>: invalid, and what is below it is still there.</summary>
    internal bool IsScheduledToZap { get; private set; }

    /// <summary><c>tdp_mmu_root_count</c>: the vCPUs that use it, and one of the list it is in.</summary>
    internal int RefCount { get; set; } = 1;

    /// <summary>How many leaves are present.</summary>
    internal int Present { get; private set; }

    /// <summary>What the processor finds for a frame.</summary>
    internal Translation Walk(Gfn gfn)
    {
        if (!_frames.Contains(gfn)) return Translation.None;
        var spte = Read(gfn, PageLevel.Level4K);
        return spte.IsLeaf ? new(spte.Pfn, spte.Level, spte.IsWritable) : Translation.None;
    }

    /// <summary>The entry of a frame at a level; where there is no table for it, the entry that a walk ends at.</summary>
    internal Spte Read(Gfn gfn, PageLevel level)
    {
        ref var region = ref RegionOf(gfn);
        return level > PageLevel.Level4K || !region.Entry.IsTable ? region.Entry : region.Children![IndexOf(gfn)];
    }

    /// <summary>Changes the entry of a frame at a level if it is what it was; says whether it did.</summary>
    internal bool TryCmpxchg(Gfn gfn, PageLevel level, Spte old, Spte value)
    {
        ref var region = ref RegionOf(gfn);
        if (level == PageLevel.Level4K)
        {
            if (!region.Entry.IsTable || region.Children![IndexOf(gfn)] != old) return false;
            SetChild(ref region, IndexOf(gfn), value);
            return true;
        }

        if (region.Entry != old) return false;
        SetEntry(ref region, gfn, value);
        return true;
    }

    /// <summary>
    /// The first leaf at or behind <paramref name="cursor"/> that has a frame in <paramref name="range"/>; moves the cursor behind it.
    /// </summary>
    internal bool Next(GfnRange range, ref Gfn cursor, out Gfn gfn, out Spte leaf)
    {
        (gfn, leaf) = (default, default);
        if (Present == 0) return false;
        var end = Math.Min(range.End.Value, _frames.End.Value);
        cursor = new(Math.Max(cursor.Value, Math.Max(range.Start.Value, _frames.Start.Value)));
        while (cursor.Value < end)
        {
            ref var region = ref RegionOf(cursor);
            var isTable = region.Entry.IsTable;
            leaf = isTable ? region.Children![IndexOf(cursor)] : region.Entry;
            gfn = isTable ? cursor : cursor.AlignDown(PageLevel.Level2M);
            cursor = gfn + (isTable ? 1 : PageLevels.PagesPer2M);
            if (leaf.IsLeaf) return true;
        }

        return false;
    }

    /// <summary>Nobody begins to use it any more, and it has to be zapped.</summary>
    internal void Invalidate() => IsScheduledToZap |= !IsInvalid && (IsInvalid = true);

    /// <summary>Takes away everything, tables and all.</summary>
    internal void Clear()
    {
        IsScheduledToZap = false;
        Array.Clear(_regions);
        Present = 0;
    }

    private void SetEntry(ref Region region, Gfn gfn, Spte value)
    {
        if (region.Entry.IsLeaf) Present--;
        if (region.Entry.IsTable) DropChildren(ref region);
        if (value.IsTable) region.Children = NewTable(gfn, region.Entry);
        if (value.IsLeaf) Present++;
        region.Entry = value;
    }

    private void SetChild(ref Region region, int index, Spte value)
    {
        Present += (value.IsLeaf ? 1 : 0) - (region.Children![index].IsLeaf ? 1 : 0);
        region.Children[index] = value;
    }

    private void DropChildren(ref Region region)
    {
        foreach (var child in region.Children!) Present -= child.IsLeaf ? 1 : 0;
        region.Children = null;
    }

    // Only for frames that the guest can name. Where a huge leaf was, its pages stay mapped.
    private Spte[] NewTable(Gfn gfn, Spte split)
    {
        var start = Math.Max(gfn.AlignDown(PageLevel.Level2M).Value, _frames.Start.Value);
        var end = Math.Min(gfn.AlignDown(PageLevel.Level2M).Value + PageLevels.PagesPer2M, _frames.End.Value);
        var children = new Spte[end - start];
        if (!split.IsLeaf) return children;
        for (var i = 0; i < children.Length; i++) children[i] = split.Child((ulong)i);
        Present += children.Length;
        return children;
    }

    private int IndexOf(Gfn gfn) => (int)(gfn.Value - Math.Max(gfn.AlignDown(PageLevel.Level2M).Value, _frames.Start.Value));

    private ref Region RegionOf(Gfn gfn)
    {
        Check.That(_frames.Contains(gfn));
        return ref _regions[(gfn.Value / PageLevels.PagesPer2M) - (_frames.Start.Value / PageLevels.PagesPer2M)];
    }

    private struct Region
    {
        internal Spte Entry;
        internal Spte[]? Children;
    }
}
