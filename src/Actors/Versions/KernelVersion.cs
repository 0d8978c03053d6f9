using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>A generation of the kernel's code, named by what differs in it.</summary>
/// <remarks>
/// A path asks for the bug or the field, never for "this version or later". Where a difference is right in one version and
/// wrong in the other it is a bug, which names its source; else it is a field.
/// </remarks>
public sealed record KernelVersion
{
    /// <summary>
    /// The first guest_memfd, as posted in September 2023: RFC v12 of "KVM: guest_memfd() and per-page attributes".
    /// </summary>
    /// <remarks>
    /// Begin and end are not balanced, and stand back to back in punch hole, as the mail that reviews it shows (B2.1, B2.5). That
    /// it looked at one file alone and let bindings change in between are the mail's what-ifs (B2.4, B2.6): they are set so
    /// that this generation shows all four.
    /// </remarks>
    public static readonly KernelVersion GmemV12 = new(
        "gmem-v12",
        "V1",
        "first guest_memfd, RFC v12 of September 2023",
        [
            GuestMemfdBugs.BeginWithoutEnd,
            GuestMemfdBugs.OnlyCallersFile,
            GuestMemfdBugs.TruncateOutside,
            GuestMemfdBugs.BindingsNotFrozen,
            GuestMemfdBugs.UnbindDyingFile,
            GuestMemfdBugs.SharedAnonymousInode,
            GuestMemfdBugs.FileWithoutOwner,
            GuestMemfdBugs.ToggleGuestMemfd,
            GuestMemfdBugs.BindIgnoresNoMemory,
            GuestMemfdBugs.HwpoisonKeepsReference,
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
        ])
    {
        ClearsAtLookup = true,
        DeleteZapsAll = true,
        WaitsForRcu = true,
    };

    /// <summary>
    /// Linux 6.8, the first release with guest_memfd: begin and end are balanced, pages are cleared when looked up.
    /// </summary>
    public static readonly KernelVersion Linux68 = new(
        "6.8",
        "V2",
        "first release with guest_memfd, March 2024",
        [
            GuestMemfdBugs.UnbindDyingFile,
            GuestMemfdBugs.ToggleGuestMemfd,
            GuestMemfdBugs.BindIgnoresNoMemory,
            GuestMemfdBugs.HwpoisonKeepsReference,
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
        ])
    {
        ClearsAtLookup = true,
        DeleteZapsAll = true,
        WaitsForRcu = true,
    };

    // KVM_PRE_FAULT_MEMORY as it came.
    private static readonly Bug[] EarlyPrefault =
        [MmuBugs.PrefaultRetriesInvalidSlot, MmuBugs.PrefaultKeepsObsoleteRoot, MmuBugs.PrefaultRetriesObsoleteRoot];

    // SEV-SNP as it came.
    private static readonly Bug[] EarlySnp =
    [
        SnpBugs.StaleHypercallRet,
        SnpBugs.PopulateLeaksMapping,
        SnpBugs.VmsaNotTold,
        SnpBugs.MeasureWithoutVcpuLocks,
    ];

    /// <summary>
    /// The queue of May to July 2024 that was not released so: a page is prepared for its guest when it is allocated.
    /// </summary>
    public static readonly KernelVersion PrepareAtAllocation = new(
        "prepare-at-alloc",
        "V3",
        "KVM queue of May to July 2024, never released",
        [
            GuestMemfdBugs.UnbindDyingFile,
            GuestMemfdBugs.ToggleGuestMemfd,
            GuestMemfdBugs.BindIgnoresNoMemory,
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
            MmuBugs.FastPathForMismatch,
            .. EarlyPrefault,
            .. SnpBugs.OfQueue2024,
        ])
    {
        ClearsAtLookup = true,
        DeleteZapsAll = true,
        HasPreFault = true,
        HasSnp = true,
        Prepares = GmemPrepare.AtLookup,
        WaitsForRcu = true,
        WarnsOfUncoveredFrame = true,
    };

    /// <summary>Linux 6.11: pages are cleared, and prepared, when a fault gets them.</summary>
    public static readonly KernelVersion Linux611 = new(
        "6.11",
        "V4",
        "September 2024",
        [
            GuestMemfdBugs.UnbindDyingFile,
            GuestMemfdBugs.ToggleGuestMemfd,
            GuestMemfdBugs.BindIgnoresNoMemory,
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
            SnpBugs.PscTrustsEndEntry,
            .. EarlyPrefault,
            .. EarlySnp,
        ])
    {
        DeleteZapsAll = true,
        HasPreFault = true,
        HasSnp = true,
        Prepares = GmemPrepare.Once,
        WaitsForRcu = true,
        WarnsOfUncoveredFrame = true,
    };

    /// <summary>
    /// Linux 6.12.117, a late stable release with many backports: pages are cleared when a fault gets them.
    /// </summary>
    public static readonly KernelVersion Linux612 = new(
        "6.12",
        "V4",
        "long-term release, as of 6.12.117",
        [GuestMemfdBugs.ErrorFolioUnderFolioLock, .. EarlyPrefault, .. EarlySnp])
    {
        HasPreFault = true,
        HasSnp = true,
        Prepares = GmemPrepare.Once,
        WarnsOfUncoveredFrame = true,
    };

    /// <summary>Linux 6.18, as of its stable releases: user space may map a file that was made for it.</summary>
    // Simplified: of 6.18 and 7.0 what differs in virt/kvm/guest_memfd.c is known; the MMU is that of 7.2, and so is SEV-SNP but
    // for what 7.2 has anew.
    public static readonly KernelVersion Linux618 = new(
        "6.18",
        "V4",
        "long-term release, as of 6.18.44",
        [
            MmuBugs.PrefaultRetriesObsoleteRoot,
            GuestMemfdBugs.BindIgnoresNoMemory,
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
            SnpBugs.PopulateLeaksMapping,
            SnpBugs.VmsaNotTold,
            SnpBugs.MeasureWithoutVcpuLocks,
        ])
    {
        ClampsUnderMmuLock = true,
        EveryVmTakesGmem = true,
        GmemFlags = GuestMemfdKind.Mmap | GuestMemfdKind.InitShared,
        HasPreFault = true,
        HasSnp = true,
        KeepsPresentSpte = true,
        Prepares = GmemPrepare.Once,
        PutsPageUnderMmuLock = true,
    };

    /// <summary>Linux 7.0: whether a page is prepared is not kept any more.</summary>
    public static readonly KernelVersion Linux70 = new(
        "7.0",
        "V5",
        "April 2026",
        [
            MmuBugs.PrefaultRetriesObsoleteRoot,
            GuestMemfdBugs.BindIgnoresNoMemory,
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
            SnpBugs.PscTrustsEndEntry,
            SnpBugs.VmsaNotTold,
        ])
    {
        ClampsUnderMmuLock = true,
        EveryVmTakesGmem = true,
        GmemFlags = GuestMemfdKind.Mmap | GuestMemfdKind.InitShared,
        HasPreFault = true,
        HasSnp = true,
        KeepsPresentSpte = true,
        PopulatesPageByPage = true,
        PutsPageUnderMmuLock = true,
    };

    /// <summary>Linux 7.2.13: the fault drops its page under mmu_lock.</summary>
    public static readonly KernelVersion Linux72 = new(
        "7.2",
        "V5",
        "as of 7.2.13",
        [MmuBugs.PrefaultRetriesObsoleteRoot, GuestMemfdBugs.BindIgnoresNoMemory, GuestMemfdBugs.ErrorFolioUnderFolioLock])
    {
        BindOverlap = Errno.EEXIST,
        ClampsUnderMmuLock = true,
        EveryVmTakesGmem = true,
        GmemFlags = GuestMemfdKind.Mmap | GuestMemfdKind.InitShared,
        HasPreFault = true,
        HasSnp = true,
        ChecksHypercallRet = true,
        PopulatesPageByPage = true,
        PscSnapshotsHeader = true,
        KeepsPresentSpte = true,
        PutsPageUnderMmuLock = true,
    };

    /// <summary>
    /// The RFC of 2026 that converts pages in place, on top of 7.2: private or shared is what an inode says, not a VM.
    /// </summary>
    public static readonly KernelVersion RfcInplace = Linux72 with
    {
        Name = "rfc-inplace",
        Origin = "rfc-inplace",
        Generation = "V6",
        Summary = "in-place conversion, RFC of 2026, on 7.2",
        AttributesInInode = true,
        FaultsLockInvalidate = true,
        PreparesOnlyPrivate = true,
        UnbindsWithoutReference = true,
    };

    /// <summary>What 7.2 would be with folios of 2M in gmem files, as posted in September 2023 and never merged.</summary>
    /// <remarks>Source: "KVM: Add transparent hugepage support for dedicated guest memory", RFC v12. The rest of the kernel is as it stands.</remarks>
    public static readonly KernelVersion LargeFolioKernel = Linux72 with
    {
        _bugs = [.. Linux72._bugs, GuestMemfdBugs.SplitFailureDropsFolio],
        Name = "large-folios",
        Origin = "large-folios",
        Summary = "7.2 with folios of 2M in gmem files, never released",
        LargeFolios = true,
    };

    // A handful: to look through them is faster than anything clever.
    private Bug[] _bugs;

    private KernelVersion(string name, string generation, string summary, Bug[] bugs)
    {
        Name = name;
        Origin = name;
        Generation = generation;
        Summary = summary;
        _bugs = bugs;
    }

    /// <summary>Every version, oldest first.</summary>
    public static IReadOnlyList<KernelVersion> All { get; } =
    [
        GmemV12, Linux68, PrepareAtAllocation, Linux611, Linux612, Linux618, Linux70, Linux72, RfcInplace,
    ];

    /// <summary>What no kernel is, but one could be: 7.2 with something that was posted or is wanted.</summary>
    public static IReadOnlyList<KernelVersion> WhatIfs { get; } = [LargeFolioKernel];

    /// <summary>
    /// The name on the command line, with the bugs that were put into it: <c>6.8+truncate-outside</c>.
    /// </summary>
    public string Name { get; private init; }

    /// <summary>The name of the version that bugs were put into: <c>6.8</c>.</summary>
    public string Origin { get; private init; }

    /// <summary>The generation of gmem's code: V1 to V6.</summary>
    public string Generation { get; private init; }

    /// <summary>What it is.</summary>
    public string Summary { get; private init; }

    /// <summary>The versions in which a VM says of its frames what they are: all that were released.</summary>
    public static IReadOnlyList<KernelVersion> WithVmAttributes { get; } = [.. All.Where(version => !version.AttributesInInode)];

    /// <summary>
    /// Whether an inode says of its pages what they are, and its files convert them; else a VM of its frames. KVM_SET_MEMORY_ATTRIBUTES is
    /// not there then, and an invalidation takes both kinds away.
    /// </summary>
    /// <remarks>Source: the RFC of 2026, in-place conversion for guest_memfd, virt/kvm/guest_memfd.c.</remarks>
    public bool AttributesInInode { get; private init; }

    /// <summary>What bind says of pages that are bound already.</summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_bind(); EEXIST since 7.2.</remarks>
    public Errno BindOverlap { get; private init; } = Errno.EINVAL;

    /// <summary>Whether bind fails, and undoes what it did, when there is no memory for the binding; else nobody looks at that.</summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_bind(), xa_store_range(); in 6.12.117 alone.</remarks>
    public bool BindRollsBack { get; private init; }
    /// <summary>Whether KVM_RUN refuses an answer of user space that no page state change can have.</summary>
    /// <remarks>Source: arch/x86/include/asm/kvm_host.h, kvm_is_valid_map_gpa_range_ret(); in 7.2.</remarks>
    public bool ChecksHypercallRet { get; private init; }

    /// <summary>Whether every lookup of a folio clears it, fallocate() included; else only a fault does.</summary>
    /// <remarks>
    /// Source: virt/kvm/guest_memfd.c, kvm_gmem_get_folio() in 6.8, kvm_gmem_get_pfn() since 6.11.
    /// </remarks>
    public bool ClearsAtLookup { get; private init; }

    /// <summary>Whether the architecture's limit on huge pages is asked for under mmu_lock, where it cannot change any more.</summary>
    /// <remarks>Source: arch/x86/kvm/mmu/mmu.c, kvm_mmu_max_mapping_level() in 7.2, kvm_max_private_mapping_level() in 6.12.</remarks>
    public bool ClampsUnderMmuLock { get; private init; }

    /// <summary>Whether to delete a memslot makes all roots invalid in a VM of every type, not only in default VMs.</summary>
    /// <remarks>Source: arch/x86/kvm/mmu/mmu.c, kvm_arch_flush_shadow_memslot(); until 6.11: the quirk came with aa8d1f48d353.</remarks>
    public bool DeleteZapsAll { get; private init; }

    /// <summary>Whether a memslot may have a gmem file in a VM of every type, not only where there is private memory.</summary>
    /// <remarks>Source: virt/kvm/kvm_main.c, check_memory_region_flags(); since 6.18.</remarks>
    public bool EveryVmTakesGmem { get; private init; }

    /// <summary>Whether kvm_gmem_get_pfn() and the faults of users take the invalidate lock, shared.</summary>
    /// <remarks>Source: the RFC of 2026, in-place conversion for guest_memfd; released kernels do not.</remarks>
    public bool FaultsLockInvalidate { get; private init; }

    /// <summary>The flags that KVM_CREATE_GUEST_MEMFD takes; INIT_SHARED only for a VM without private memory.</summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_get_supported_flags(), KVM_CAP_GUEST_MEMFD_FLAGS; since 6.18.</remarks>
    public GuestMemfdKind GmemFlags { get; private init; }

    /// <summary>Whether there is KVM_PRE_FAULT_MEMORY.</summary>
    /// <remarks>Source: virt/kvm/kvm_main.c, kvm_vcpu_pre_fault_memory(); since 6.11.</remarks>
    public bool HasPreFault { get; private init; }

    /// <summary>Whether there are SEV-SNP guests.</summary>
    /// <remarks>Source: arch/x86/kvm/svm/sev.c; since 6.11. Where there are none, one does what later kernels have it do.</remarks>
    public bool HasSnp { get; private init; }

    /// <summary>Whether a lookup that finds no page of an aligned 2M of a file allocates all of it as one folio.</summary>
    /// <remarks>Source: RFC v12 of September 2023, kvm_gmem_get_huge_folio(); in no release.</remarks>
    public bool LargeFolios { get; private init; }

    /// <summary>
    /// Whether populate takes the invalidate lock for each page, after it has the source; else for the whole range, and reads the
    /// source inside.
    /// </summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_populate(); since 7.0 (2a62345b3052).</remarks>
    public bool PopulatesPageByPage { get; private init; }

    /// <summary>Whether a page is made the guest's only if it is private; else any page that a fault gets.</summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_get_pfn(); newer than 7.2.</remarks>
    public bool PreparesOnlyPrivate { get; private init; }

    /// <summary>When a page is made the guest's where hardware protects it.</summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_get_pfn().</remarks>
    public GmemPrepare Prepares { get; private init; }

    /// <summary>Whether the header of a page state change is read once for a request; else after each batch.</summary>
    /// <remarks>Source: arch/x86/kvm/svm/sev.c, snp_begin_psc(); in 7.2.</remarks>
    public bool PscSnapshotsHeader { get; private init; }

    /// <summary>Whether a fault leaves a present leaf as it is that allows the access, and a prefetch any leaf.</summary>
    /// <remarks>Source: arch/x86/kvm/mmu/tdp_mmu.c, tdp_mmu_map_handle_target_level(); in 7.2, not in 6.12.</remarks>
    public bool KeepsPresentSpte { get; private init; }

    /// <summary>Whether a fault drops its reference on the page before mmu_lock, not after it.</summary>
    /// <remarks>Source: arch/x86/kvm/mmu/mmu.c, kvm_tdp_mmu_page_fault(); since 6.13.</remarks>
    public bool PutsPageUnderMmuLock { get; private init; }

    /// <summary>Whether unbind takes no reference on the file: slots_lock is enough to keep it.</summary>
    /// <remarks>Source: virt/kvm/guest_memfd.c, kvm_gmem_unbind(); newer than 7.2.</remarks>
    public bool UnbindsWithoutReference { get; private init; }

    /// <summary>Whether unbind and release wait for an RCU grace period after they took a memslot's file away.</summary>
    /// <remarks>Source: the commit 67b43038ce14 took the wait out, which is in 6.12.117.</remarks>
    public bool WaitsForRcu { get; private init; }

    /// <summary>Whether a page that the RMP does not cover is worth a WARN when it is looked up.</summary>
    /// <remarks>Source: arch/x86/virt/svm/sev.c, snp_lookup_rmpentry(); until the segmented RMP was supported.</remarks>
    public bool WarnsOfUncoveredFrame { get; private init; }

    /// <summary>The fields by name, for the command.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields =>
    [
        new("attributes-in-inode", Text(AttributesInInode)),
        new("bind-overlap", BindOverlap.Text()),
        new("checks-hypercall-ret", Text(ChecksHypercallRet)),
        new("clamps-under-mmu-lock", Text(ClampsUnderMmuLock)),
        new("clears-at-lookup", Text(ClearsAtLookup)),
        new("delete-zaps-all", Text(DeleteZapsAll)),
        new("every-vm-takes-gmem", Text(EveryVmTakesGmem)),
        new("faults-lock-invalidate", Text(FaultsLockInvalidate)),
        new("gmem-flags", GmemFlags.ToString()),
        new("has-pre-fault", Text(HasPreFault)),
        new("has-snp", Text(HasSnp)),
        new("keeps-present-spte", Text(KeepsPresentSpte)),
        new("large-folios", Text(LargeFolios)),
        new("populates-page-by-page", Text(PopulatesPageByPage)),
        new("prepares", KernelNames.Of($"{Prepares}").Replace('_', '-')),
        new("prepares-only-private", Text(PreparesOnlyPrivate)),
        new("psc-snapshots-header", Text(PscSnapshotsHeader)),
        new("puts-page-under-mmu-lock", Text(PutsPageUnderMmuLock)),
        new("unbinds-without-reference", Text(UnbindsWithoutReference)),
        new("waits-for-rcu", Text(WaitsForRcu)),
        new("warns-of-uncovered-frame", Text(WarnsOfUncoveredFrame)),
    ];

    /// <summary>The bugs it has.</summary>
    public IReadOnlyList<Bug> Bugs => [.. Bug.All.Where(Has)];

    /// <summary>The version of that name; null if there is none.</summary>
    public static KernelVersion? Find(string name) =>
        All.Concat(WhatIfs).FirstOrDefault(version => version.Name == name);

    /// <summary>Whether it has a bug.</summary>
    public bool Has(Bug bug) => Array.IndexOf(_bugs, bug) >= 0;

    /// <summary>This version with one bug more; itself if it has it already.</summary>
    public KernelVersion With(Bug bug) => Has(bug) ? this : this with { Name = $"{Name}+{bug.Name}", _bugs = [.. _bugs, bug] };

    /// <summary>This version with one bug less; itself if it has not got it.</summary>
    public KernelVersion Without(Bug bug) =>
        Has(bug) ? this with { Name = $"{Name}-{bug.Name}", _bugs = [.. _bugs.Where(other => other != bug)] } : this;

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string Text(bool value) => value ? "yes" : "no";
}
