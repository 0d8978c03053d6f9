using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>
/// A VM's memslots: two sets, of which readers see the active one, and every slot object there ever was.
/// </summary>
/// <remarks>
/// Source: virt/kvm/kvm_main.c. Simplified: one address space; a set is a list, not three trees.
/// </remarks>
internal sealed class Memslots(Actor owner)
{
    private readonly List<State> _objects = [];
    private List<Memslot> _active = [];
    private List<Memslot> _inactive = [];
    private Field _activeSet = new(owner, "memslots");
    private Field _inactiveSet = new(owner, "memslots");

    /// <summary>Which set is active: <c>kvm->memslots[]</c>.</summary>
    internal Field Pointer { get; } = new(owner, "kvm->memslots");

    /// <summary>Who used the set that is active now.</summary>
    internal Field ActiveSet => _activeSet;

    /// <summary>Who used the set that is not.</summary>
    internal Field InactiveSet => _inactiveSet;

    /// <summary>Every slot object that was not freed, for properties.</summary>
    internal IEnumerable<Memslot> Live => _objects.Where(state => !state.IsFreed).Select(state => state.Slot);

    /// <summary>How many slot objects there ever were.</summary>
    internal int ObjectCount => _objects.Count;

    internal Memslot Alloc(int id, GfnRange range, KvmMem flags, Pgoff pgoff, ulong userspaceAddr)
    {
        var slot = new Memslot(_objects.Count, id, range, flags, pgoff, userspaceAddr);
        _objects.Add(new(slot));
        HasHugePages |= slot.HugePages != default;
        return slot;
    }

    /// <summary>Whether any slot ever had a whole 2M page.</summary>
    internal bool HasHugePages { get; private set; }

    /// <summary>Its <c>lpage_info</c>; none if it has no whole 2M page.</summary>
    internal LpageInfo? LpageInfoOf(Memslot slot) => Of(slot).LpageInfo;

    internal void Free(Memslot slot) => Of(slot).IsFreed = true;

    /// <summary>Whether a slot is in either set, for properties.</summary>
    internal bool IsKnown(Memslot slot) => _active.Contains(slot) || _inactive.Contains(slot);

    internal bool IsFreed(Memslot slot) => Of(slot).IsFreed;

    internal GmemFile? FileOf(Memslot slot) => Of(slot).File;

    internal GmemFile? FileOf(int number) => _objects[number].IsFreed ? null : _objects[number].File;

    internal void SetFile(Memslot slot, GmemFile? file) => Of(slot).File = file;

    /// <summary><c>gfn_to_memslot()</c>.</summary>
    internal Memslot? At(Gfn gfn)
    {
        for (var i = 0; i < _active.Count; i++)
        {
            if (_active[i].Range.Contains(gfn)) return _active[i];
        }

        return null;
    }

    /// <summary><c>kvm_for_each_memslot_in_gfn_range()</c>.</summary>
    internal Memslot[] In(GfnRange range) => [.. _active.Where(slot => slot.Range.Overlaps(range))];

    /// <summary><c>kvm_for_each_memslot_in_hva_range()</c>.</summary>
    internal Memslot[] At(PageRange pages) => [.. _active.Where(slot => slot.UserPages.Overlaps(pages))];

    /// <summary><c>id_to_memslot()</c>.</summary>
    internal Memslot? WithId(int id) => _active.Find(slot => slot.Id == id);

    /// <summary>Whether a slot other than <paramref name="id"/> is for any of these frames.</summary>
    internal bool Overlap(int id, GfnRange range) => _active.Exists(slot => slot.Id != id && slot.Range.Overlaps(range));

    /// <summary>
    /// Puts <paramref name="replacement"/> in the place of <paramref name="old"/> in the inactive set; either may be
    /// none.
    /// </summary>
    internal void Replace(Memslot? old, Memslot? replacement)
    {
        if (old is not null) Check.That(_inactive.RemoveAll(slot => slot.Id == old.Id) == 1);
        if (replacement is not null) _inactive.Add(replacement);
    }

    internal void Swap()
    {
        (_active, _inactive) = (_inactive, _active);
        (_activeSet, _inactiveSet) = (_inactiveSet, _activeSet);
    }

    private State Of(Memslot slot) => _objects[slot.Number];

    private sealed class State(Memslot slot)
    {
        internal Memslot Slot { get; } = slot;

        internal GmemFile? File { get; set; }

        internal bool IsFreed { get; set; }

        internal LpageInfo? LpageInfo { get; } = slot.HugePages == default ? null : new(slot);
    }
}
