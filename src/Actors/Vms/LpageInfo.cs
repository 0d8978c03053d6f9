using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Which 2M pages of a memslot may not be mapped as such, <c>lpage_info</c>: one flag for each that the slot has all of.</summary>
/// <remarks>
/// Source: arch/x86/kvm/x86.c, kvm_alloc_memslot_metadata(); arch/x86/kvm/mmu/mmu.c, hugepage_set_mixed(). Simplified: 2M only, and
/// of the reasons that are counted only the layout, which never changes.
/// </remarks>
internal sealed class LpageInfo
{
    private readonly GfnRange _whole;
    private readonly bool[] _mixed;

    internal LpageInfo(Memslot slot)
    {
        _whole = slot.HugePages;
        _mixed = new bool[(_whole.End.Value - _whole.Start.Value) / PageLevels.PagesPer2M];
    }

    /// <summary>The frames of the 2M pages that the slot has all of, and that may be mapped so.</summary>
    internal GfnRange Whole => _whole;

    internal PageLevel MaxLevel(Gfn gfn) =>
        _whole.Contains(gfn) && !_mixed[IndexOf(gfn)] ? PageLevel.Level2M : PageLevel.Level4K;

    internal bool IsMixed(Gfn gfn) => _mixed[IndexOf(gfn)];

    internal void SetMixed(Gfn gfn, bool mixed) => _mixed[IndexOf(gfn)] = mixed;

    private int IndexOf(Gfn gfn) => (int)((gfn.Value - _whole.Start.Value) / PageLevels.PagesPer2M);
}
