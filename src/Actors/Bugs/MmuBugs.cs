namespace GmemActors.Actors;

/// <summary>Bugs of the MMU: faults, prefaults, huge pages, attributes.</summary>
public static class MmuBugs
{
    /// <summary>U7: KVM_PRE_FAULT_MEMORY tries again for ever while a memslot is being deleted.</summary>
    public static readonly Bug PrefaultRetriesInvalidSlot = new(
        "prefault-retries-invalid-slot",
        "U7",
        "a prefault of an INVALID memslot retries and holds kvm->srcu all the time",
        "the delete waits for the prefault in synchronize_srcu(), and the prefault for the delete, until a signal comes",
        "a prefetch fault on an INVALID memslot fails with EAGAIN",
        "3ccbf6f47098, KVM: x86/mmu: Return -EAGAIN if userspace deletes/moves memslot during prefault");

    /// <summary>A prefault in a root that a deleted memslot made invalid tries again for ever.</summary>
    public static readonly Bug PrefaultKeepsObsoleteRoot = new(
        "prefault-keeps-obsolete-root",
        "U7b",
        "a prefault loads a root only where there is none, and keeps one that was made invalid",
        "the fault finds its root obsolete again and again, until a signal comes",
        "a prefault handles KVM_REQ_MMU_FREE_OBSOLETE_ROOTS before each page",
        "arch/x86/kvm/mmu/mmu.c, kvm_arch_vcpu_pre_fault_memory() in 6.12 and in 7.2");

    /// <summary>O1: a prefault whose root is made invalid while it tries to map a page tries again for ever.</summary>
    public static readonly Bug PrefaultRetriesObsoleteRoot = new(
        "prefault-retries-obsolete-root",
        "O1",
        "the loop that retries one page of a prefault does not load a new root when its own was made invalid",
        "it finds its root obsolete until a signal comes, and the delete of the memslot waits for it in synchronize_srcu()",
        "reload the root before each try, not before each page",
        "docs/observations.md; arch/x86/kvm/mmu/mmu.c, kvm_tdp_map_page() in 7.2.13");

    /// <summary>U8: a huge page is mapped again of which attributes have just been changed in part.</summary>
    public static readonly Bug HugePageVsAttributes = new(
        "huge-page-vs-attributes",
        "U8",
        "a change of attributes invalidates the frames of its range, not the huge pages at its ends",
        "a vCPU maps 2M again before the page is known to be of both kinds: shared frames are mapped as private",
        "the huge pages at both ends are added to the invalidation",
        "9129633d568e, KVM: x86/mmu: Prevent installing hugepages when mem attributes are changing")
    {
        // The kernels that had it have no huge page in a gmem file.
        IsWhatIf = true,
    };

    /// <summary>U14: the fast path takes a fault for repaired that is of the other kind.</summary>
    public static readonly Bug FastPathForMismatch = new(
        "fast-path-for-mismatch",
        "U14",
        "a fault whose kind is not the frame's is handled without mmu_lock",
        "the SPTE lets a write through, so the guest tries again, and faults again, for ever; user space is never asked",
        "no fast path where the fault's kind is not that of the attribute",
        "mail thread of May 2024, KVM: MMU: Disable fast path for private memslots");

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Bug> All { get; } =
        [PrefaultRetriesInvalidSlot, PrefaultKeepsObsoleteRoot, PrefaultRetriesObsoleteRoot, HugePageVsAttributes, FastPathForMismatch];
}
