using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// Huge pages of which not all is of one kind: arch/x86/kvm/mmu/mmu.c.
public sealed partial class Vm
{
    /// <summary>A 2M page whose MIXED flag is wrong, for properties; null if there is none.</summary>
    internal string? WrongMixedFlag()
    {
        if (!_memslots.HasHugePages) return null;
        foreach (var slot in _memslots.Live)
        {
            if (_memslots.LpageInfoOf(slot) is not { } info || slot.IsInvalid) continue;
            for (var gfn = info.Whole.Start; gfn.Value < info.Whole.End.Value; gfn += PageLevels.PagesPer2M)
            {
                if (info.IsMixed(gfn) != IsMixed(gfn)) return $"{Name}: the 2M page at {gfn} is {(info.IsMixed(gfn) ? "" : "not ")}marked as mixed";
            }
        }

        return null;
    }

    private Reply HandleLpage(KernelTask sender, Message message)
    {
        switch (message)
        {
            case LpageInfoMaxLevel max:
                return max.Reply(_memslots.LpageInfoOf(max.Slot)?.MaxLevel(max.Gfn) ?? PageLevel.Level4K);
            case HugepageTestMixed test:
                return test.Reply(_memslots.LpageInfoOf(test.Slot) is { } info && !(info.Whole.Contains(test.Gfn) && !info.IsMixed(test.Gfn)));
            case HugepageSetMixed set:
                Lockdep.AssertHeld(sender, _mmuLock);
                Lockdep.AssertHeld(sender, SlotsMutex);
                SetMixed(set.Slot, set.Range);
                return Reply.Done;
            default:
                return HandleLookup(sender, message);
        }
    }

    private void SetMixed(Memslot slot, GfnRange range)
    {
        if (_memslots.LpageInfoOf(slot) is not { } info) return;
        for (var gfn = info.Whole.Start; gfn.Value < info.Whole.End.Value; gfn += PageLevels.PagesPer2M)
        {
            if (range.Overlaps(HugePageAt(gfn))) info.SetMixed(gfn, IsMixed(gfn));
        }
    }

    private bool IsMixed(Gfn gfn)
    {
        var page = HugePageAt(gfn);
        var first = _attributes.IsPrivate(page.Start) ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None;
        return !_attributes.AreAll(page, first);
    }

    private static GfnRange HugePageAt(Gfn gfn) => new(gfn, gfn + PageLevels.PagesPer2M);
}
