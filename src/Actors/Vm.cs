using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A virtual machine, <c>struct kvm</c>: memslots, MMU, and the locks of both.</summary>
/// <remarks>
/// Source: include/linux/kvm_host.h. Simplified: an attribute says private or shared
/// and nothing else.
/// </remarks>
public sealed class Vm : Actor
{
    private readonly RwLock _mmuLock;
    private readonly Mutex _slotsArchLock;
    private readonly Srcu _srcu;
    private readonly Srcu _guestMode;
    private readonly Memslots _memslots = new();
    private readonly MmuInvalidation _invalidation = new();
    private readonly TdpPageTable _tdp;
    private readonly MemoryAttributes _attributes;
    private readonly Condition _noActiveInvalidate;
    private int _mnActiveInvalidateCount;

    /// <summary>
    /// A VM whose guest can name the frames of <paramref name="frames"/>, all of them shared, without memslots.
    /// </summary>
    public Vm(string name, Machine machine, GfnRange frames, UserMemory? mm = null, bool hasPrivateMemory = true) : base(name)
    {
        Machine = machine;
        Mm = mm;
        HasPrivateMemory = hasPrivateMemory;
        _attributes = new(frames);
        _noActiveInvalidate = new(this, "mn_memslots_update_rcuwait", open: true);
        mm?.Subscribe(this);
        _tdp = new(frames);
        _mmuLock = new(this, "mmu_lock") { Spins = true };
        _slotsArchLock = new(this, "slots_arch_lock");
        _srcu = new(this, "srcu");
        _guestMode = new(this, "guest_mode") { Spins = true };
        SlotsMutex = new(this, "slots_lock");
    }

    /// <summary>The machine it is on.</summary>
    public Machine Machine { get; }

    /// <summary>The memory of the process that made it; none if no memslot has a userspace address. Immutable.</summary>
    public UserMemory? Mm { get; }

    /// <summary>Whether its type has private memory: <c>kvm_arch_has_private_mem()</c>. Immutable.</summary>
    public bool HasPrivateMemory { get; }

    /// <summary>The frames its guest can name: the host's limit. Immutable.</summary>
    public GfnRange Frames => _tdp.Frames;

    /// <summary>The lock of memslots, and of bind, unbind and release of its gmem files.</summary>
    public Mutex SlotsMutex { get; }

    /// <summary>Whether a vCPU or anybody else reads under <c>kvm->srcu</c>, for properties.</summary>
    public bool IsInKernel => _srcu.ReaderCount > 0;

    /// <summary>Whether a fault holds mmu_lock, for properties.</summary>
    internal bool HasFaultInMmu => _mmuLock.ReaderCount > 0;

    /// <summary>The memslots, for properties.</summary>
    internal Memslots Memslots => _memslots;

    /// <summary>The invalidations, for properties.</summary>
    internal MmuInvalidation Invalidation => _invalidation;

    /// <summary>The SPTEs, for properties.</summary>
    internal TdpPageTable Tdp => _tdp;

    /// <summary>The attributes, for properties.</summary>
    internal MemoryAttributes Attributes => _attributes;

    /// <summary>The frame that a guest's frame is mapped to, for properties; none if it is not.</summary>
    public Pfn? Maps(Gfn gfn) => _tdp.Read(gfn)?.Pfn;

    /// <summary>Whether the memslot of a frame is being deleted, for properties.</summary>
    public bool MemslotIsGoing(Gfn gfn) => _memslots.At(gfn) is { IsInvalid: true };

    /// <summary>Converts frames before the world runs.</summary>
    public void Convert(GfnRange range, KvmMemoryAttributes attributes)
    {
        for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1) _attributes.Store(gfn, attributes);
    }

    /// <summary>Gives it a bound memslot before the world runs.</summary>
    public void AddMemslot(int id, Gfn baseGfn, GmemFile file, PageRange pages)
    {
        var range = new GfnRange(baseGfn, baseGfn + (pages.End.Value - pages.Start.Value));
        var slot = _memslots.Alloc(id, range, KvmMem.GuestMemfd, pages.Start, userspaceAddr: 0);
        _memslots.SetFile(slot, file);
        file.Bind(slot);
        _memslots.Replace(null, slot);
        _memslots.Swap();
        _memslots.Replace(null, slot);
    }

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        SrcuReadLock or SrcuReadUnlock => _srcu,
        KvmMmuLock or KvmMmuUnlock => _mmuLock,
        VcpuEnterGuest or VcpuExitGuest => _guestMode,
        SlotsLock or SlotsUnlock => SlotsMutex,
        SlotsArchLock or SlotsArchUnlock => _slotsArchLock,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Gate GateOf(KernelTask sender, Message message) => message switch
    {
        SynchronizeSrcu => _srcu.Synchronize(sender),
        KvmSwapActiveMemslots => _noActiveInvalidate,
        KvmFlushRemoteTlbs => _guestMode.Synchronize(sender),
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadSpte read:
                return read.Reply(_tdp.Read(read.Gfn));
            case GfnToMemslot lookup:
                Lockdep.AssertHeld(sender, _srcu, LockMode.Shared);
                return lookup.Reply(_memslots.At(lookup.Gfn));
            case KvmMemIsPrivate read:
                return read.Reply(_attributes.IsPrivate(read.Gfn));
            case ReadMmuInvalidateSeq read:
                return read.Reply(_invalidation.Seq);
            case MmuInvalidateRetryGfnUnsafe retry:
                return retry.Reply(_invalidation.RetryGfnUnsafe(retry.Snapshot, retry.Gfn));
            case ReadGmemFile read:
                sender.WarnOn(_memslots.IsFreed(read.Slot), "use after free of a memslot: gmem.file is read");
                return read.Reply(_memslots.FileOf(read.Slot));
            case MmuInvalidateRetryGfn retry:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return retry.Reply(_invalidation.RetryGfn(sender, retry.Snapshot, retry.Gfn));
            case TryCmpxchgSpte map:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return map.Reply(_tdp.TryCmpxchg(map.Gfn, map.Old, map.New));
            case KvmForEachMemslotInHvaRange each:
                Lockdep.AssertHeld(sender, _srcu, LockMode.Shared);
                return each.Reply(_memslots.At(each.Pages));
            case MnActiveInvalidateInc:
                _mnActiveInvalidateCount++;
                _noActiveInvalidate.Shut();
                _noActiveInvalidate.BlockedBy(sender);
                return Reply.Done;
            case MnActiveInvalidateDec:
                Check.That(_mnActiveInvalidateCount > 0);
                _noActiveInvalidate.NoLongerBlockedBy(sender);
                if (--_mnActiveInvalidateCount == 0) _noActiveInvalidate.Open();
                return Reply.Done;
            case SynchronizeSrcu or KvmFlushRemoteTlbs:
                return Reply.Done;
            case KvmMmuInvalidateBegin:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.Begin();
                return Reply.Done;
            case KvmMmuInvalidateRangeAdd add:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.RangeAdd(sender, add.Range);
                return Reply.Done;
            case KvmUnmapGfnRange unmap:
                Lockdep.AssertHeld(sender, _mmuLock);
                return unmap.Reply(_tdp.Zap(unmap.Range));
            case KvmMmuInvalidateEnd:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.End(sender);
                return Reply.Done;
            default:
                return HandleMemslots(sender, message);
        }
    }

    private Reply HandleMemslots(KernelTask sender, Message message)
    {
        Lockdep.AssertHeld(sender, SlotsMutex);
        switch (message)
        {
            case IdToMemslot find:
                return find.Reply(_memslots.WithId(find.Id));
            case KvmCheckMemslotOverlap check:
                return check.Reply(_memslots.Overlap(check.Id, check.Range));
            case AllocMemslot alloc:
                return alloc.Reply(_memslots.Alloc(alloc.Id, alloc.Range, alloc.Flags, alloc.Pgoff, alloc.UserspaceAddr));
            case KvmForEachMemslotInGfnRange each:
                return each.Reply(_memslots.In(each.Range));
            case KvmRangeHasMemoryAttributes has:
                return has.Reply(_attributes.AreAll(has.Range, has.Attributes));
            case StoreMemoryAttributes store:
                _attributes.Store(store.Gfn, store.Attributes);
                return Reply.Done;
            case WriteGmemFile write:
                sender.WarnOn(_memslots.IsFreed(write.Slot), "use after free of a memslot: gmem.file is written");
                _memslots.SetFile(write.Slot, write.File);
                return Reply.Done;
            case KvmReplaceMemslot replace:
                _memslots.Replace(replace.Old, replace.New);
                return Reply.Done;
            case KvmSwapActiveMemslots:
                Lockdep.AssertHeld(sender, _slotsArchLock);
                _memslots.Swap();
                return Reply.Done;
            case KvmFreeMemslot free:
                _memslots.Free(free.Slot);
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}
