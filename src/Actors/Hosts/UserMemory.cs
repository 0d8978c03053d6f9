using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>The memory of the user process, <c>struct mm_struct</c>: what backs the shared frames of its guests.</summary>
/// <remarks>
/// Source: mm/gup.c, mm/memory.c. Simplified: one anonymous mapping from address 0 on, which stays, and above it mappings of
/// gmem files; pages come when they are used and go with MADV_DONTNEED.
/// </remarks>
public sealed partial class UserMemory : Actor
{
    private readonly Pfn?[] _ptes;
    private readonly List<Page> _pages = [];
    private readonly Srcu _notifierSrcu;
    private Vm[] _subscribers = [];

    /// <summary>A mapping of so many pages, all of them there.</summary>
    public UserMemory(string name, PhysicalMemory memory, int pageCount) : base(name)
    {
        Memory = memory;
        MmapLock = new(this, "mmap_lock");
        _notifierSrcu = new(this, "mmu_notifier_srcu");
        _userMode = new(this, "user_mode") { Spins = true };
        _ptes = new Pfn?[pageCount];
        for (var i = 0; i < pageCount; i++) Install(i, memory.Take(this));
    }

    /// <summary>The host's memory.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>How many pages the mapping has. Immutable.</summary>
    public int PageCount => _ptes.Length;

    /// <summary>Whether a VM's notifiers are called before pages go, for properties.</summary>
    internal bool HasSubscriber(Vm vm) => Array.IndexOf(_subscribers, vm) >= 0;

    /// <summary>The lock of the mapping.</summary>
    internal RwLock MmapLock { get; }

    /// <summary>Whether a page has references that are not its mapping's, for properties.</summary>
    internal bool HasExtraReference => _pages.Exists(page => page.RefCount > (page.IsMapped ? 1 : 0));

    /// <summary><c>mmu_notifier_register()</c>, before the world runs.</summary>
    internal void Subscribe(Vm vm) => _subscribers = [.. _subscribers, vm];

    /// <summary>Whether a frame is mapped, for properties.</summary>
    internal bool Maps(Pfn pfn) => Find(pfn) is { IsMapped: true };

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        MmapReadLock or MmapReadUnlock or MmapWriteLock or MmapWriteUnlock => MmapLock,
        UserModeEnter or UserModeExit => _userMode,
        MmuNotifierReadLock or MmuNotifierReadUnlock => _notifierSrcu,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Gate GateOf(KernelTask sender, Message message) => message switch
    {
        MmuNotifierSynchronize => _notifierSrcu.Synchronize(sender),
        FlushTlbMmRange => _userMode.Synchronize(sender),
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case IsMapped mapped:
                return mapped.Reply(mapped.Page < (ulong)PageCount || VmaAt(mapped.Page) is not null);
            case GupFastPte gup:
                return gup.Reply(Get(gup.Page));
            case SetPte set:
                Lockdep.AssertHeld(sender, MmapLock, LockMode.Shared);
                return set.Reply(_ptes[set.Page] is null && Install((int)set.Page, set.Pfn));
            case ZapPte zap:
                Lockdep.AssertHeld(sender, MmapLock, LockMode.Shared);
                return zap.Reply(Zap(zap.Page));
            case MmuNotifierSubscriptions list:
                Lockdep.AssertHeld(sender, _notifierSrcu, LockMode.Shared);
                return list.Reply(_subscribers);
            case HlistDelMmuNotifier del:
                _subscribers = [.. _subscribers.Where(vm => vm != del.Vm)];
                return Reply.Done;
            case MmuNotifierSynchronize:
                return Reply.Done;
            case PutPage put:
                return put.Reply(Put(Find(put.Pfn)));
            default:
                return HandleFiles(sender, message);
        }
    }

    private bool Install(int index, Pfn pfn)
    {
        _ptes[index] = pfn;
        _pages.Add(new(pfn));
        return true;
    }

    private Pfn? Get(ulong index)
    {
        if (index >= (ulong)_ptes.Length || _ptes[index] is not { } pfn) return null;
        Find(pfn)!.RefCount++;
        return pfn;
    }

    private Pfn? Zap(ulong index)
    {
        if (_ptes[index] is not { } pfn) return null;
        _ptes[index] = null;
        Find(pfn)!.IsMapped = false;
        return pfn;
    }

    private bool Put(Page? page)
    {
        if (page is null) throw Refcount.Underflow("put_page");
        if (!Refcount.Put(ref page.RefCount, "put_page")) return false;
        _pages.Remove(page);
        return true;
    }

    private Page? Find(Pfn pfn)
    {
        for (var i = 0; i < _pages.Count; i++)
        {
            if (_pages[i].Pfn == pfn) return _pages[i];
        }

        return null;
    }

    private sealed class Page(Pfn pfn)
    {
        internal Pfn Pfn { get; } = pfn;

        internal bool IsMapped { get; set; } = true;

        internal int RefCount = 1;
    }
}

/// <summary>Takes <c>mmap_lock</c> shared: <c>mmap_read_lock()</c>.</summary>
public sealed record MmapReadLock() : Acquire(LockMode.Shared)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmapReadLock Now = new();
}

/// <summary>Gives <c>mmap_lock</c> back.</summary>
public sealed record MmapReadUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmapReadUnlock Now = new();
}

/// <summary>Whether a page is in a mapping: <c>find_vma()</c>.</summary>
public sealed record IsMapped(ulong Page) : Query<bool>;

/// <summary>The frame of a page, with a reference; none if it is not there now.</summary>
public sealed record GupFastPte(ulong Page) : Message<Pfn?>;

/// <summary>Puts a frame where none is; replies whether it did.</summary>
public sealed record SetPte(ulong Page, Pfn Pfn) : Message<bool>;

/// <summary>Takes a page away; replies its frame, whose reference is the sender's then.</summary>
public sealed record ZapPte(ulong Page) : Message<Pfn?>;

/// <summary>Drops a reference on a page of the user; replies whether it was the last one.</summary>
public sealed record PutPage(Pfn Pfn) : Message<bool>;

/// <summary>Begins to walk the notifiers of a process's memory.</summary>
/// <remarks>Simplified: the kernel has one SRCU domain for the notifiers of all memory.</remarks>
public sealed record MmuNotifierReadLock() : Acquire(LockMode.Shared)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmuNotifierReadLock Now = new();
}

/// <summary>Ends walking the notifiers.</summary>
public sealed record MmuNotifierReadUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmuNotifierReadUnlock Now = new();
}

/// <summary>Waits for everybody who walks the notifiers now.</summary>
public sealed record MmuNotifierSynchronize : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmuNotifierSynchronize Now = new();
}

/// <summary>The VMs whose notifiers are called before pages go.</summary>
public sealed record MmuNotifierSubscriptions : Query<Vm[]>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmuNotifierSubscriptions Now = new();
}

/// <summary>Takes a VM's notifier off the list.</summary>
public sealed record HlistDelMmuNotifier(Vm Vm) : Message<Done>;
