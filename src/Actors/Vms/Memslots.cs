using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>
/// A VM's memslots: in each address space two sets, of which readers see the active one, and every slot object there ever was.
/// </summary>
/// <remarks>
/// Source: virt/kvm/kvm_main.c. Simplified: a set is a list, not three trees; no vCPU is in system management mode.
/// </remarks>
internal sealed class Memslots
{
    private readonly List<State> _objects = [];
    private readonly List<Memslot>[] _active;
    private readonly List<Memslot>[] _inactive;

    internal Memslots(int addressSpaces)
    {
        (_active, _inactive) = (new List<Memslot>[addressSpaces], new List<Memslot>[addressSpaces]);
        for (var asId = 0; asId < addressSpaces; asId++) (_active[asId], _inactive[asId]) = ([], []);
    }

    /// <summary>Every slot object that was not freed, for properties.</summary>
    internal IEnumerable<Memslot> Live => _objects.Where(state => !state.IsFreed).Select(state => state.Slot);

    /// <summary>How many slot objects there ever were.</summary>
    internal int ObjectCount => _objects.Count;

    internal Memslot Alloc(int id, GfnRange range, KvmMem flags, Pgoff pgoff, ulong userspaceAddr, int asId = 0)
    {
        var slot = new Memslot(_objects.Count, id, range, flags, pgoff, userspaceAddr, asId);
        _objects.Add(new(slot));
        HasHugePages |= slot.HugePages != default;
        return slot;
    }

    /// <summary>Whether any slot ever had a whole 2M page.</summary>
    internal bool HasHugePages { get; private set; }

    /// <summary>Its <c>lpage_info</c>; none if it has no whole 2M page.</summary>
    internal LpageInfo? LpageInfoOf(Memslot slot) => Of(slot).LpageInfo;

    internal void Free(Memslot slot) => Of(slot).IsFreed = true;

    internal bool IsFreed(Memslot slot) => Of(slot).IsFreed;

    internal GmemFile? FileOf(Memslot slot) => Of(slot).File;

    internal GmemFile? FileOf(int number) => _objects[number].IsFreed ? null : _objects[number].File;

    internal void SetFile(Memslot slot, GmemFile? file) => Of(slot).File = file;

    /// <summary><c>gfn_to_memslot()</c>.</summary>
    internal Memslot? At(Gfn gfn)
    {
        var active = _active[0];
        for (var i = 0; i < active.Count; i++)
        {
            if (active[i].Range.Contains(gfn)) return active[i];
        }

        return null;
    }

    /// <summary><c>kvm_for_each_memslot_in_gfn_range()</c>, in every address space.</summary>
    internal Memslot[] In(GfnRange range) => [.. All(_active).Where(slot => slot.Range.Overlaps(range))];

    /// <summary><c>kvm_for_each_memslot_in_hva_range()</c>, in every address space.</summary>
    internal Memslot[] At(PageRange pages) => [.. All(_active).Where(slot => slot.UserPages.Overlaps(pages))];

    /// <summary><c>id_to_memslot()</c>.</summary>
    internal Memslot? WithId(int id, int asId = 0) => _active[asId].Find(slot => slot.Id == id);

    /// <summary>Whether a slot other than <paramref name="id"/> is for any of these frames.</summary>
    internal bool Overlap(int id, GfnRange range, int asId = 0) =>
        _active[asId].Exists(slot => slot.Id != id && slot.Range.Overlaps(range));

    /// <summary>
    /// Puts <paramref name="replacement"/> in the place of <paramref name="old"/> in the inactive set; either may be
    /// none.
    /// </summary>
    internal void Replace(Memslot? old, Memslot? replacement)
    {
        if (old is not null) Check.That(_inactive[old.AsId].RemoveAll(slot => slot.Id == old.Id) == 1);
        if (replacement is not null) _inactive[replacement.AsId].Add(replacement);
    }

    /// <summary>The memslots of all sets, each once: outside a change the sets are alike.</summary>
    internal Memslot[] Both() => [.. All(_active).Union(All(_inactive))];

    internal void Swap(int asId) => (_active[asId], _inactive[asId]) = (_inactive[asId], _active[asId]);

    private static IEnumerable<Memslot> All(List<Memslot>[] sets) => sets.Length == 1 ? sets[0] : sets.SelectMany(set => set);

    private State Of(Memslot slot) => _objects[slot.Number];

    private sealed class State(Memslot slot)
    {
        internal Memslot Slot { get; } = slot;

        internal GmemFile? File { get; set; }

        internal bool IsFreed { get; set; }

        internal LpageInfo? LpageInfo { get; } = slot.HugePages == default ? null : new(slot);
    }
}
