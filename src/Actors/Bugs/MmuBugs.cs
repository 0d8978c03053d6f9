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

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Bug> All { get; } = [PrefaultRetriesInvalidSlot];
}
