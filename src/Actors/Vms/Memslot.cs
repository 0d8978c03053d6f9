using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Flags of a memslot: <c>KVM_MEM_…</c>. Source: include/uapi/linux/kvm.h, include/linux/kvm_host.h.</summary>
[Flags]
public enum KvmMem : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>KVM_MEM_LOG_DIRTY_PAGES</c>.</summary>
    LogDirtyPages = 1 << 0,

    /// <summary><c>KVM_MEM_READONLY</c>.</summary>
    Readonly = 1 << 1,

    /// <summary><c>KVM_MEM_GUEST_MEMFD</c>: private memory comes from a gmem file.</summary>
    GuestMemfd = 1 << 2,

    /// <summary><c>KVM_MEMSLOT_INVALID</c>, internal: being deleted.</summary>
    Invalid = 1 << 16,

    /// <summary><c>KVM_MEMSLOT_GMEM_ONLY</c>, internal: all its memory comes from a gmem file that user space may map.</summary>
    GmemOnly = 1 << 17,
}

/// <summary>
/// A memslot object, <c>struct kvm_memory_slot</c>: what of it never changes, so that paths may hold it as a pointer.
/// </summary>
/// <remarks>
/// Two slots are the same if they are the same object. What changes, <c>gmem.file</c>, is the VM's and is asked for.
/// Simplified: no dirty bitmap or arch data; <c>gmem.pgoff</c> is set with the geometry, before bind.
/// </remarks>
public sealed class Memslot
{
    internal Memslot(int number, int id, GfnRange range, KvmMem flags, Pgoff pgoff, ulong userspaceAddr, int asId = 0)
    {
        Number = number;
        Id = id;
        Range = range;
        Flags = flags;
        Pgoff = pgoff;
        UserspaceAddr = userspaceAddr;
        AsId = asId;
    }

    /// <summary>The number that user space gave it.</summary>
    public int Id { get; }

    /// <summary>The guest frames it is for.</summary>
    public GfnRange Range { get; }

    /// <summary>How many pages it has.</summary>
    public ulong PageCount => Range.End.Value - Range.Start.Value;

    /// <summary>Its address space: 1 is that of system management mode.</summary>
    public int AsId { get; }

    /// <summary>Its flags.</summary>
    public KvmMem Flags { get; private set; }

    /// <summary>The page of the gmem file at its first frame.</summary>
    public Pgoff Pgoff { get; }

    /// <summary>The user's address of its first byte, which backs the frames that are shared.</summary>
    public ulong UserspaceAddr { get; }

    /// <summary>The pages of the user from that address on.</summary>
    public PageRange UserPages => PageRange.Of(UserspaceAddr >> Actors.Pages.Shift, PageCount);

    /// <summary>The pages of the gmem file that it is bound to.</summary>
    public PageRange Pages => PageRange.Of(Pgoff.Value, PageCount);

    /// <summary>
    /// The frames of the 2M pages that it has all of. None if the guest's and the user's addresses are not alike within 2M, also
    /// where all of its memory comes from a gmem file: kvm_alloc_memslot_metadata().
    /// </summary>
    public GfnRange HugePages
    {
        get
        {
            const ulong Mask = PageLevels.PagesPer2M - 1;
            if (((Range.Start.Value ^ (UserspaceAddr >> Actors.Pages.Shift)) & Mask) != 0) return default;
            var (start, end) = ((Range.Start.Value + Mask) & ~Mask, Range.End.Value & ~Mask);
            return start < end ? new(new(start), new(end)) : default;
        }
    }

    /// <summary>Whether it is being deleted.</summary>
    public bool IsInvalid => (Flags & KvmMem.Invalid) != 0;

    /// <summary>Whether its private memory comes from a gmem file: <c>kvm_slot_can_be_private()</c>.</summary>
    public bool CanBePrivate => (Flags & KvmMem.GuestMemfd) != 0;

    /// <summary>Whether the guest's shared memory comes from the gmem file too: <c>kvm_memslot_is_gmem_only()</c>.</summary>
    public bool IsGmemOnly => (Flags & KvmMem.GmemOnly) != 0;

    /// <summary>Its place among the objects of its VM.</summary>
    internal int Number { get; }

    // Bind says so before anybody else knows of the slot.
    internal void ServesAllFaultsFromGmem() => Flags |= KvmMem.GmemOnly;

    /// <summary>The user's address of a frame: <c>gfn_to_hva_memslot()</c>.</summary>
    public ulong AddressOf(Gfn gfn) => UserspaceAddr + ((gfn.Value - Range.Start.Value) << Actors.Pages.Shift);

    /// <summary>The page of the gmem file at a frame.</summary>
    public Pgoff IndexOf(Gfn gfn) => Pgoff + (gfn.Value - Range.Start.Value);

    /// <summary>The frames whose pages are in <paramref name="range"/>, of which there must be some.</summary>
    public GfnRange Frames(PageRange range)
    {
        var first = Math.Max(Pgoff.Value, range.Start.Value) - Pgoff.Value;
        var end = Math.Min(Pgoff.Value + PageCount, range.End.Value) - Pgoff.Value;
        return new(Range.Start + first, Range.Start + end);
    }

    /// <summary>The frames that these pages of the user back, of which there must be some.</summary>
    public GfnRange FramesAt(PageRange pages)
    {
        var user = UserPages;
        var first = Math.Max(user.Start.Value, pages.Start.Value) - user.Start.Value;
        var end = Math.Min(user.End.Value, pages.End.Value) - user.Start.Value;
        return new(Range.Start + first, Range.Start + end);
    }

    /// <inheritdoc/>
    public override string ToString() => $"slot{Id}{(IsInvalid ? " (invalid)" : "")} {Range}";
}
