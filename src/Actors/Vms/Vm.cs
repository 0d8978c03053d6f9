using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A virtual machine, <c>struct kvm</c>: memslots, MMU, and the locks of both.</summary>
/// <remarks>
/// Source: include/linux/kvm_host.h. Simplified: an attribute says private or shared
/// and nothing else; kvm_lock, kvm_usage_lock, cpus_read_lock and irq_lock, which nothing of guest memory takes, are not there.
/// </remarks>
public sealed partial class Vm : Actor
{
    private readonly RwLock _mmuLock;
    private readonly Mutex _slotsArchLock;
    private readonly Srcu _srcu;
    private readonly Memslots _memslots;
    private readonly Field _invalidateField;
    private readonly Field _sptesField;
    private readonly Field _attributesField;
    private readonly Field _gmemFileField;
    private readonly MmuInvalidation _invalidation = new();
    private readonly MemoryAttributes _attributes;
    private readonly Condition _noActiveInvalidate;
    private int _mnActiveInvalidateCount;
    private Vcpu[] _vcpus = [];
    private bool _preFaultAllowed;

    /// <summary>
    /// A VM whose guest can name the frames of <paramref name="frames"/>, all of them shared, without memslots.
    /// </summary>
    public Vm(string name, Machine machine, GfnRange frames, UserMemory? mm = null, VmType type = VmType.SwProtected) : base(name)
    {
        Machine = machine;
        Mm = mm;
        Type = type;
        _invalidateField = new(this, "mmu_invalidate_in_progress");
        _sptesField = new(this, "sptep");
        _attributesField = new(this, "mem_attr_array");
        _gmemFileField = new(this, "gmem.file");
        _preFaultAllowed = type is VmType.Default or VmType.SwProtected;
        _memslots = new(this, AddressSpaces);
        _attributes = new(frames);
        _noActiveInvalidate = new(this, "mn_memslots_update_rcuwait", open: true) { IsOrdered = true };
        mm?.Subscribe(this);
        Frames = frames;
        _mmuLock = new(this, "mmu_lock") { Spins = true };
        _slotsArchLock = new(this, "slots_arch_lock");
        _srcu = new(this, "srcu");
        SlotsMutex = new(this, "slots_lock");
        _mirror = type == VmType.Tdx ? new(frames) : null;
        KvmMutex = new(this, "kvm->lock");
    }

    /// <summary>The machine it is on.</summary>
    public Machine Machine { get; }

    /// <summary>The memory of the process that made it; none if no memslot has a userspace address. Immutable.</summary>
    public UserMemory? Mm { get; }

    /// <summary>What kind of VM it is. Immutable.</summary>
    public VmType Type { get; }

    /// <summary>Whether its type has private memory: <c>kvm_arch_has_private_mem()</c>.</summary>
    public bool HasPrivateMemory => Type != VmType.Default;

    /// <summary>How many sets of memslots it has: one more for system management mode, which no private memory goes with.</summary>
    public int AddressSpaces => Machine.HasSmm && !HasPrivateMemory ? 2 : 1;

    /// <summary>The frames its guest can name: the host's limit. Immutable.</summary>
    public GfnRange Frames { get; }

    /// <summary>The lock of creating vCPUs, and of launching a guest: <c>kvm->lock</c>.</summary>
    public Mutex KvmMutex { get; }

    /// <summary>The lock of memslots, and of bind, unbind and release of its gmem files.</summary>
    public Mutex SlotsMutex { get; }

    /// <summary>Whether a vCPU or anybody else reads under <c>kvm->srcu</c>, for properties.</summary>
    public bool IsInKernel => _srcu.ReaderCount > 0;

    /// <summary>Whether somebody holds mmu_lock for write, for properties.</summary>
    public bool IsInZap => _mmuLock.Writer is not null;

    /// <summary>Whether a fault holds mmu_lock, for properties.</summary>
    internal bool HasFaultInMmu => _mmuLock.ReaderCount > 0;

    /// <summary>Whether an mmu_notifier is active while somebody changes memslots or attributes, for properties.</summary>
    internal bool IsNotifiedMeanwhile => _mnActiveInvalidateCount > 0 && SlotsMutex.Writer is not null;

    /// <summary>Whether an invalidation holds mmu_lock, for properties.</summary>
    internal bool HasMmuWriter => _mmuLock.Writer is not null;

    /// <summary>The memslots, for properties.</summary>
    internal Memslots Memslots => _memslots;

    /// <summary>The invalidations, for properties.</summary>
    internal MmuInvalidation Invalidation => _invalidation;

    /// <summary>The attributes, for properties.</summary>
    internal MemoryAttributes Attributes => _attributes;

    /// <summary>Whether the memslot of a frame is being deleted, for properties.</summary>
    public bool MemslotIsGoing(Gfn gfn) => _memslots.At(gfn) is { IsInvalid: true };

    /// <summary>Its vCPUs, for properties.</summary>
    public IReadOnlyList<Vcpu> Vcpus => _vcpus;

    /// <summary>Gives it a vCPU before the world runs, one that ran before.</summary>
    public void Add(Vcpu vcpu)
    {
        _vcpus = [.. _vcpus, vcpu];
        Load(vcpu);
    }

    /// <summary>Converts frames before the world runs.</summary>
    public void Convert(GfnRange range, KvmMemoryAttributes attributes)
    {
        for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1) _attributes.Store(gfn, attributes);
    }

    /// <summary>Gives it a bound memslot before the world runs.</summary>
    public void AddMemslot(int id, Gfn baseGfn, GmemFile file, PageRange pages, ulong userspaceAddr = 0)
    {
        var range = new GfnRange(baseGfn, baseGfn + (pages.End.Value - pages.Start.Value));
        var slot = _memslots.Alloc(id, range, KvmMem.GuestMemfd, pages.Start, userspaceAddr);
        _memslots.SetFile(slot, file);
        if ((file.Inode.Flags & GuestMemfdKind.Mmap) != 0) slot.ServesAllFaultsFromGmem();
        file.Bind(slot);
        Add(slot);
    }

    /// <summary>Gives it a memslot whose memory is the user's before the world runs.</summary>
    public void AddMemslot(int id, GfnRange range, ulong userspaceAddr) =>
        Add(_memslots.Alloc(id, range, KvmMem.None, default, userspaceAddr));

    private void Add(Memslot slot)
    {
        SetMixed(slot, slot.Range);
        _memslots.Replace(null, slot);
        _memslots.Swap(0);
        _memslots.Replace(null, slot);
    }

    /// <inheritdoc/>
    protected override Lock LockOf(Message message)
    {
        NoteUse(message);
        return FindLock(message);
    }

    private Lock FindLock(Message message) => message switch
    {
        SrcuReadLock or SrcuReadUnlock => _srcu,
        KvmMmuLock or KvmMmuUnlock => _mmuLock,
        KvmLock or KvmUnlock => KvmMutex,
        SlotsLock or SlotsUnlock => SlotsMutex,
        SlotsArchLock or SlotsArchUnlock => _slotsArchLock,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Gate GateOf(KernelTask sender, Message message) => message switch
    {
        SynchronizeSrcu => _srcu.Synchronize(sender),
        KvmSwapActiveMemslots => _noActiveInvalidate,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        NoteUse(message);
        switch (message)
        {
            case MnActiveInvalidateInc:
                _mnActiveInvalidateCount++;
                _noActiveInvalidate.Shut();
                _noActiveInvalidate.BlockedBy(sender);
                return Reply.Done;
            case MnActiveInvalidateDec:
                if (sender.WarnOn(_mnActiveInvalidateCount == 0, "kvm_mmu_notifier_invalidate_range_end: none is active")) return Reply.Done;
                _noActiveInvalidate.NoLongerBlockedBy(sender);
                if (--_mnActiveInvalidateCount == 0) _noActiveInvalidate.Open();
                return Reply.Done;
            case KvmForEachVcpu each:
                return each.Reply(_vcpus);
            case SynchronizeSrcu:
                return Reply.Done;
            default:
                return HandleLifetime(sender, message);
        }
    }
}
