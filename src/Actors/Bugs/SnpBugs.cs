namespace GmemActors.Actors;

/// <summary>Bugs of arch/x86/kvm/svm/sev.c and of what guest_memfd asks of it.</summary>
public static class SnpBugs
{
    private const string Mail1 = "Michael Roth, 2023-07-21, Re: [RFC PATCH v4 07/10] KVM: x86: Add gmem hook for initializing private memory";

    /// <summary>B1.1: a page that was allocated and never used is freed as if a guest had had it.</summary>
    public static readonly Bug FreeExpectsAssigned = new(
        "free-expects-assigned",
        "B1.1",
        "the reset of a page that is freed expects it to be assigned in the RMP",
        "a page that was allocated with fallocate() and never used by the guest is warned of",
        "pages that are not assigned are passed over",
        Mail1);

    /// <summary>B1.2: the hook that gives a page to a guest is called where only its place in the file is known.</summary>
    public static readonly Bug PrepareWithoutGpa = new(
        "prepare-without-gpa",
        "B1.2",
        "the RMP is told the page's index in the file, not the guest's address",
        "the guest's address does not match the RMP: every access of the guest faults",
        "prepare in kvm_gmem_get_pfn(), which knows the memslot",
        Mail1);

    /// <summary>B1.8: the hook looks whether the folio is there already, and locks it for that.</summary>
    public static readonly Bug ProbeLocksFolio = new(
        "probe-locks-folio",
        "B1.8",
        "prepare looks the folio up to see whether it was there before, while its caller has it locked",
        "the fault waits for its own folio lock",
        "look the page up in the RMP instead",
        Mail1);

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Bug> All { get; } = [FreeExpectsAssigned, PrepareWithoutGpa, ProbeLocksFolio];
}
