using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>
/// A file of guest memory, <c>struct kvm_gmem</c> with its <c>struct file</c>: which of its pages are bound to which
/// memslots.
/// </summary>
/// <remarks>Source: virt/kvm/guest_memfd.c, fs/file.c, fs/file_table.c.</remarks>
public sealed class GmemFile : OpenFile
{
    // In the order of their pages, of which each has all.
    private readonly List<Memslot> _bindings = [];

    /// <summary>
    /// A file of <paramref name="vm"/> on <paramref name="inode"/> with one reference and no bindings.
    /// </summary>
    public GmemFile(string name, Vm vm, GmemInode inode) : base(name)
    {
        Vm = vm;
        Inode = inode;
    }

    /// <summary>The VM it was made by and holds a reference on. Immutable.</summary>
    public Vm Vm { get; }

    /// <summary>The inode it is open on. Immutable.</summary>
    public GmemInode Inode { get; }

    /// <summary>Whether its release has come to its end.</summary>
    internal bool IsFreed { get; private set; }

    /// <summary>The memslots that are bound, for properties.</summary>
    internal List<Memslot> Bindings => _bindings;

    /// <summary>Stores a binding before the world runs.</summary>
    internal void Bind(Memslot slot)
    {
        var place = _bindings.FindIndex(other => other.Pgoff.Value > slot.Pgoff.Value);
        _bindings.Insert(place < 0 ? _bindings.Count : place, slot);
    }

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        if (IsFreed && message is not GetFileRcu) sender.Warn($"use after free of a gmem file: {message.KernelName}");
        switch (message)
        {
            case XaLoad load:
                return load.Reply(At(load.Index));
            case XaForEachRange each:
                // The walk needs the bindings to stay; get_pfn, which does not, reads one with xa_load.
                Lockdep.AssertHeld(sender, Inode.InvalidateLock, LockMode.Shared);
                return each.Reply(BindingsIn(each.Range));
            case XaFind find:
                Lockdep.AssertHeld(sender, Inode.InvalidateLock, LockMode.Shared);
                return find.Reply(IsBound(find.Range));
            case XaStoreRange store:
                AssertMayWrite(sender);
                Store(store.Range, store.Slot);
                return Reply.Done;
            case KfreeGmem:
                IsFreed = true;
                return Reply.Done;
            default:
                return base.Handle(sender, message);
        }
    }

    // A dying file is written with slots_lock alone: its release needs that lock too.
    private void AssertMayWrite(KernelTask sender)
    {
        Lockdep.AssertHeld(sender, Vm.SlotsMutex);
        if (!IsDying) Lockdep.AssertHeld(sender, Inode.InvalidateLock);
    }

    private Memslot? At(Pgoff index)
    {
        foreach (var slot in _bindings)
        {
            if (slot.Pages.Contains(index)) return slot;
        }

        return null;
    }

    private bool IsBound(PageRange range)
    {
        foreach (var slot in _bindings)
        {
            if (slot.Pages.Overlaps(range)) return true;
        }

        return false;
    }

    private Memslot[] BindingsIn(PageRange range) =>
        IsBound(range) ? [.. _bindings.Where(slot => slot.Pages.Overlaps(range))] : [];

    // A slot is bound and unbound as a whole.
    private void Store(PageRange range, Memslot? slot)
    {
        if (slot is null) _bindings.RemoveAll(bound => bound.Pages.Overlaps(range));
        else Bind(slot);
    }
}

/// <summary>The memslot that is bound at a page; none if nothing is.</summary>
public sealed record XaLoad(Pgoff Index) : Query<Memslot?>;

/// <summary>The memslots that are bound anywhere in a range, in the order of their pages.</summary>
public sealed record XaForEachRange(PageRange Range) : Query<Memslot[]>;

/// <summary>Whether any memslot is bound in a range.</summary>
public sealed record XaFind(PageRange Range) : Query<bool>;

/// <summary>Binds the pages of a range to a memslot, or to none.</summary>
public sealed record XaStoreRange(PageRange Range, Memslot? Slot) : Message<Done>;

/// <summary>Frees the file's own object at the end of its release.</summary>
public sealed record KfreeGmem : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KfreeGmem Now = new();
}
