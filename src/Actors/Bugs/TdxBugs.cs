namespace GmemActors.Actors;

/// <summary>Bugs of arch/x86/kvm/vmx/tdx.c, and of what the MMU does for it.</summary>
/// <remarks>
/// They were in postings of the TDX series, or in releases between 6.16 and 7.1; 7.2 has none of them, and the older versions here have
/// no TDX.
/// </remarks>
public static class TdxBugs
{
    /// <summary>U30: a busy SEAMCALL of a zap is not tried again.</summary>
    public static readonly Bug ZapBusyIsFatal = new(
        "tdx-zap-busy-is-fatal",
        "U30",
        "a zap whose SEAMCALL finds a lock of the TDX module taken gives up at once",
        "a guest that accepts the page, or a vCPU that enters under suspicion of zero-stepping, makes KVM bug the VM",
        "kick every vCPU out of guest mode, keep them out, and call once more",
        "KVM: TDX: Kick off vCPUs when SEAMCALL is busy during TD page removal")
    {
        IsWhatIf = true,
    };

    /// <summary>U30: a busy SEAMCALL of a fault is not tried again.</summary>
    public static readonly Bug MapBusyIsFatal = new(
        "tdx-map-busy-is-fatal",
        "U30",
        "a fault whose SEAMCALL finds a lock of the TDX module taken counts as a bug of KVM",
        "two vCPUs of one trust domain that use one page at once make KVM bug the VM",
        "EBUSY: the mirror entry gets its old value back and the fault is tried again",
        "Yan Zhao, 2024-09, KVM: TDX: Retry seamcall when TDX_OPERAND_BUSY with operand SEPT")
    {
        IsWhatIf = true,
    };

    /// <summary>A new TLB epoch is begun without kicking the vCPUs of the old one.</summary>
    public static readonly Bug TrackWithoutKick = new(
        "tdx-track-without-kick",
        "4.4",
        "the vCPUs are not kicked out of guest mode after TDH.MEM.TRACK",
        "PAGE.REMOVE returns TLB_TRACKING_NOT_DONE, or the next TRACK PREVIOUS_TLB_EPOCH_BUSY, and KVM bugs the VM",
        "kick every vCPU after each TRACK and wait, under mmu_lock held for write",
        "arch/x86/kvm/vmx/tdx.c, tdx_track()")
    {
        IsWhatIf = true,
    };

    /// <summary>VP.INIT, which needs the root alone, runs beside a zap.</summary>
    public static readonly Bug VpInitWithoutMmuLock = new(
        "tdx-vp-init-without-mmu-lock",
        "2.4",
        "TDH.VP.INIT, which needs the trust domain's root exclusive, is called without mmu_lock",
        "a zap at the same time finds the root taken, or VP.INIT does, and KVM bugs the VM",
        "call it under mmu_lock held for write, which keeps zaps and faults out",
        "KVM: TDX: Take MMU lock around tdh_vp_init()")
    {
        IsWhatIf = true,
    };

    /// <summary>U31: the mmu_notifier of shared memory takes private memory away.</summary>
    public static readonly Bug NotifierZapsPrivate = new(
        "tdx-notifier-zaps-private",
        "U31",
        "an invalidation of the user's addresses unmaps the private SPTEs of the frames too",
        "the trust domain loses pages it has accepted: its data is gone, and its next access finds a page to accept",
        "the mmu_notifier filters for SHARED, which is the direct root alone",
        "dca6c8853232, KVM: x86/mmu: Add support for filtering by shared and private")
    {
        IsWhatIf = true,
    };

    /// <summary>U32: at the end of a VM its roots are zapped with mmu_lock held for read.</summary>
    public static readonly Bug UninitUnderReadLock = new(
        "tdx-uninit-under-read-lock",
        "U32",
        "the roots are zapped with mmu_lock held for read when the VM ends",
        "the S-EPT's entries can be removed under the write lock alone: KVM bugs the VM and leaks its pages",
        "zap them with mmu_lock held for write",
        "35be969d1ef2, KVM: x86/mmu: Zap invalid roots with mmu_lock holding for write at uninit")
    {
        IsWhatIf = true,
    };

    /// <summary>U9: a vCPU's ioctl takes kvm->lock inside vcpu->mutex.</summary>
    public static readonly Bug VcpuIoctlTakesKvmLock = new(
        "vcpu-ioctl-takes-kvm-lock",
        "U9",
        "an ioctl of a vCPU takes kvm->lock while it holds vcpu->mutex",
        "whoever holds kvm->lock and locks all vCPUs waits for it, and it for him",
        "kvm->lock is taken outside vcpu->mutex",
        "Documentation/virt/kvm/locking.rst")
    {
        IsWhatIf = true,
    };

    /// <summary>U7: the local retry of an EPT violation never ends while a memslot is being deleted.</summary>
    public static readonly Bug LocalRetryOnInvalidSlot = new(
        "tdx-local-retry-on-invalid-slot",
        "U7",
        "an EPT violation is retried in the exit handler, under kvm->srcu, though the memslot is INVALID",
        "the delete waits for the vCPU in synchronize_srcu(), and the vCPU for the delete, until a signal comes",
        "leave the loop when the memslot is INVALID, so that kvm->srcu is dropped",
        "2bc2694fe20b, KVM: TDX: Do not retry locally when the retry is caused by invalid memslot")
    {
        IsWhatIf = true,
    };

    /// <summary>B0.6: a hole is zeroed through the host's key while the trust domain has the page.</summary>
    public static readonly Bug ZeroThroughWrongKey = new(
        "tdx-zero-through-wrong-key",
        "B0.6",
        "a hole is zeroed through the direct map before the trust domain has given the pages up",
        "the partial write with the host's key poisons the lines: the trust domain that reads them gets #MC",
        "the mapping is inaccessible: truncation zeroes nothing, and begins after the zap",
        "Sean Christopherson, 2023-10-05, Re: [RFC PATCH v2 1/6] KVM: gmem: Truncate pages on punch hole")
    {
        IsWhatIf = true,
    };

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Bug> All { get; } =
    [
        ZapBusyIsFatal,
        MapBusyIsFatal,
        TrackWithoutKick,
        VpInitWithoutMmuLock,
        NotifierZapsPrivate,
        UninitUnderReadLock,
        VcpuIoctlTakesKvmLock,
        LocalRetryOnInvalidSlot,
        ZeroThroughWrongKey,
    ];
}
