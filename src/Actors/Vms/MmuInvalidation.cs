using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>A VM's count of open invalidations and what a fault asks of it.</summary>
/// <remarks>Source: virt/kvm/kvm_main.c, include/linux/kvm_host.h.</remarks>
internal sealed class MmuInvalidation
{
    // The kernel's INVALID_GPA on both sides: nothing was added since the count left zero.
    private static readonly GfnRange NoRange = new(new(ulong.MaxValue), new(ulong.MaxValue));

    private GfnRange _range = NoRange;

    /// <summary><c>mmu_invalidate_seq</c>.</summary>
    internal ulong Seq { get; private set; }

    /// <summary><c>mmu_invalidate_in_progress</c>.</summary>
    internal int InProgress { get; private set; }

    /// <summary>Whether a range was ever added while nothing was in progress.</summary>
    internal bool AddedOutside { get; private set; }

    /// <summary>Whether an invalidation ever ended to which no range had been added.</summary>
    internal bool EndedWithoutRange { get; private set; }

    private bool HasRange => _range != NoRange;

    internal void Begin()
    {
        if (++InProgress == 1) _range = NoRange;
    }

    internal void RangeAdd(KernelTask sender, GfnRange range)
    {
        AddedOutside |= sender.WarnOn(InProgress == 0, "mmu_invalidate_range_add: nothing in progress");
        _range = HasRange ? _range.Hull(range) : range;
    }

    // The sequence number goes up before the count goes down. Who reads both without mmu_lock may see the one without the other
    // and is never relied on: so both are one step here.
    internal void End(KernelTask sender)
    {
        Seq++;
        InProgress--;
        EndedWithoutRange |= sender.WarnOn(!HasRange, "mmu_invalidate_end: no range was added");
    }

    /// <summary><c>mmu_invalidate_retry_gfn()</c>: the answer that counts, under mmu_lock.</summary>
    internal bool RetryGfn(KernelTask sender, ulong snapshot, Gfn gfn)
    {
        if (InProgress > 0)
        {
            if (sender.WarnOn(!HasRange, "mmu_invalidate_retry_gfn: no range was added")) return true;
            if (_range.Contains(gfn)) return true;
        }

        return Seq != snapshot;
    }

    /// <summary><c>mmu_invalidate_retry_gfn_unsafe()</c>: a guess without a lock, to save work.</summary>
    internal bool RetryGfnUnsafe(ulong snapshot, Gfn gfn) => (InProgress > 0 && _range.Contains(gfn)) || Seq != snapshot;
}
