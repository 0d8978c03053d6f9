namespace GmemActors.Actors;

/// <summary>Bugs of arch/x86/kvm/svm/sev.c and of what guest_memfd asks of it.</summary>
public static class SnpBugs
{
    private const string Mail0 = "Sean Christopherson, 2023-10-05, Re: [RFC PATCH v2 1/6] KVM: gmem: Truncate pages on punch hole";
    private const string Mail1 = "Michael Roth, 2023-07-21, Re: [RFC PATCH v4 07/10] KVM: x86: Add gmem hook for initializing private memory";
    private const string FastPath = "KVM: MMU: Disable fast path for private memslots, mail thread of May 2024";

    /// <summary>B0.3: pages are taken back in the RMP when a hole begins, not when they are freed.</summary>
    public static readonly Bug ResetBeforeTruncate = new(
        "reset-before-truncate",
        "B0.3",
        "punch hole takes the pages back in the RMP before it truncates them, and .free_folio does not",
        "a fault that is past its checks gives the page to the guest again; it is freed while it is the guest's",
        "take a page back in .free_folio, when nobody can look it up any more",
        Mail0)
    {
        IsWhatIf = true,
    };

    /// <summary>B0.5: the release of a file takes all pages of its inode back in the RMP.</summary>
    public static readonly Bug ReleaseResets = new(
        "release-resets",
        "B0.5",
        "the release of a gmem file takes the pages of its inode back in the RMP",
        "another file on the inode has them mapped for its guest, which loses its memory",
        "release does nothing to memory: that is the inode's, and goes with its last reference",
        Mail0)
    {
        IsWhatIf = true,
    };

    /// <summary>B1.1: a page that was allocated and never used is freed as if a guest had had it.</summary>
    public static readonly Bug FreeExpectsAssigned = new(
        "free-expects-assigned",
        "B1.1",
        "the reset of a page that is freed expects it to be assigned in the RMP",
        "a page that was allocated with fallocate() and never used by the guest is warned of",
        "pages that are not assigned are passed over",
        Mail1)
    {
        IsWhatIf = true,
    };

    /// <summary>B1.2: the hook that gives a page to a guest is called where only its place in the file is known.</summary>
    public static readonly Bug PrepareWithoutGpa = new(
        "prepare-without-gpa",
        "B1.2",
        "the RMP is told the page's index in the file, not the guest's address",
        "the guest's address does not match the RMP: every access of the guest faults",
        "prepare in kvm_gmem_get_pfn(), which knows the memslot",
        Mail1)
    {
        IsWhatIf = true,
    };

    /// <summary>B1.4: nothing breaks a 2M entry of the RMP up for a nested 4K mapping.</summary>
    public static readonly Bug NoPsmash = new(
        "no-psmash",
        "B1.4",
        "an RMP fault on a 4K mapping over a 2M entry is only tried again",
        "the guest faults for ever",
        "PSMASH in the fault's handler; an entry that is 4K already is a spurious fault",
        "ccc9d836c5c3, KVM: SEV: Add support to handle RMP nested page faults; " + Mail1)
    {
        IsWhatIf = true,
    };

    /// <summary>B1.8: the hook looks whether the folio is there already, and locks it for that.</summary>
    public static readonly Bug ProbeLocksFolio = new(
        "probe-locks-folio",
        "B1.8",
        "prepare looks the folio up to see whether it was there before, while its caller has it locked",
        "the fault waits for its own folio lock",
        "look the page up in the RMP instead",
        Mail1)
    {
        IsWhatIf = true,
    };

    /// <summary>B4.1, U37: pages can be mapped before the guest is launched.</summary>
    public static readonly Bug PrefaultBeforeLaunch = new(
        "prefault-before-launch",
        "B4.1",
        "KVM_PRE_FAULT_MEMORY maps pages of an SNP guest before its launch is finished",
        "the launch finds its pages populated: EEXIST, which user space sees as EIO",
        "refuse it until KVM_SEV_SNP_LAUNCH_FINISH has succeeded",
        "5932ca411e53, KVM: x86: disallow pre-fault for SNP VMs before initialization");

    /// <summary>U34: pages are populated at frames that are shared.</summary>
    public static readonly Bug PopulatesShared = new(
        "populates-shared",
        "U34",
        "populate does not look whether its frames are private",
        "a shared frame has an encrypted page in the RMP that nobody expects there",
        "populate only what is private: else EINVAL",
        "e4ee54479273, KVM: guest_memfd: let kvm_gmem_populate() operate only on private gfns");

    /// <summary>U25: a page stays mapped for the kernel when its source cannot be read.</summary>
    public static readonly Bug PopulateLeaksMapping = new(
        "populate-leaks-mapping",
        "U25",
        "a launch update reads its source while the page is mapped, and forgets the mapping if it cannot",
        "the mapping is never taken away",
        "have the source before anything is mapped, and unmap on every way out",
        "60b590de8b30, KVM: SEV: unmap the page when the source of a launch update cannot be read");

    /// <summary>U16: the RMP's handler runs for faults that user space will handle.</summary>
    public static readonly Bug RmpHandlerAfterExit = new(
        "rmp-handler-after-exit",
        "U16",
        "npf_interception() takes 0 for an exit to user space, where an error means that",
        "the RMP's handler runs for faults of the wrong kind: warnings, needless PSMASH and zap",
        "call it only if the fault was handled, for a result above 0",
        FastPath)
    {
        IsWhatIf = true,
    };

    /// <summary>U17: hints about page sizes are forwarded to user space as conversions.</summary>
    public static readonly Bug PscForwardsHints = new(
        "psc-forwards-hints",
        "U17",
        "a page state change forwards SMASH and UNSMASH to user space as if they were conversions to shared",
        "user space converts frames that the guest did not ask for",
        "mark them complete and go on",
        FastPath);

    /// <summary>U18: the buffer's own end is believed.</summary>
    public static readonly Bug PscTrustsEndEntry = new(
        "psc-trusts-end-entry",
        "U18",
        "end_entry is held against the largest buffer, not against the one that the guest gave",
        "the kernel reads and writes beyond the buffer",
        "hold it against the length of the scratch area",
        "CVE-2026-53360, KVM: SEV: series of May 2026 on the scratch area of page state changes");

    /// <summary>U19: what user space answered last is taken for its answer.</summary>
    public static readonly Bug StaleHypercallRet = new(
        "stale-hypercall-ret",
        "U19",
        "run->hypercall.ret is not zeroed before the exit of a page state change",
        "user space that does not write it leaves an old error there, and the guest sees a failure",
        "zero it before each exit",
        "9a1dfeff4414, KVM: x86: clear vcpu->run->hypercall.ret before exiting for KVM_EXIT_HYPERCALL");

    /// <summary>6.12 tells nobody that the page of a VMSA goes.</summary>
    public static readonly Bug VmsaNotTold = new(
        "vmsa-not-told",
        "VMSA",
        "a vCPU goes on with the VMSA that its guest made when that page is punched",
        "the vCPU enters the guest with a page that is not the guest's any more",
        "an invalidation of the VMSA's page has its vCPU look for it again",
        "arch/x86/kvm/svm/sev.c, sev_gmem_invalidate_range() in 7.2");

    /// <summary>U9: a vCPU's registers are measured while its owner sets them.</summary>
    public static readonly Bug MeasureWithoutVcpuLocks = new(
        "measure-without-vcpu-locks",
        "U9",
        "KVM_SEV_SNP_LAUNCH_FINISH measures VMSAs without the locks of their vCPUs",
        "registers that KVM_SET_REGS sets meanwhile are lost, though it succeeds",
        "lock all vCPUs: kvm->lock, then every vcpu->mutex",
        "arch/x86/kvm/svm/sev.c, snp_launch_update_vmsa() in 7.2");

    /// <summary>U22, B1.5: the size that the RMP has a page in is not looked at.</summary>
    public static readonly Bug ClampReturnsRequest = new(
        "clamp-returns-request",
        "U22",
        "the largest mapping of a private frame is what was asked for, not what the RMP allows",
        "a guest that converts a frame there and back has 4K entries in the RMP and is mapped 2M: every access faults, for ever",
        "take the smaller of the two",
        "aca0ec970d77; " + Mail1)
    {
        // The kernels that had it have no huge page in a gmem file.
        IsWhatIf = true,
    };

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Bug> All { get; } =
    [
        ResetBeforeTruncate, ReleaseResets, FreeExpectsAssigned, PrepareWithoutGpa, NoPsmash, ProbeLocksFolio,
        PrefaultBeforeLaunch,        PopulatesShared, PopulateLeaksMapping, RmpHandlerAfterExit, PscForwardsHints, PscTrustsEndEntry, StaleHypercallRet, VmsaNotTold,
        MeasureWithoutVcpuLocks, ClampReturnsRequest,
    ];

    /// <summary>What the queue of May 2024 had.</summary>
    internal static IReadOnlyList<Bug> OfQueue2024 { get; } =
    [
        PrefaultBeforeLaunch, PopulatesShared, PopulateLeaksMapping, PscForwardsHints, PscTrustsEndEntry, StaleHypercallRet,
        VmsaNotTold, MeasureWithoutVcpuLocks,
    ];
}
