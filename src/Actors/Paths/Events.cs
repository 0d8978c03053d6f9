namespace GmemActors.Actors.Paths;

/// <summary>What paths note for scenarios, which say what must happen sometimes.</summary>
public static class Events
{
    /// <summary>A lookup waited for a folio's lock and got a folio that had been truncated.</summary>
    public const string FoundTruncated = "a folio was truncated while a lookup waited for its lock";

    /// <summary>A memslot was deleted after its file's last reference had gone and before its release.</summary>
    public const string UnboundDying = "a memslot was unbound from a dying file";

    /// <summary>A page fault was told to try again.</summary>
    public const string FaultRetried = "a fault retried";

    /// <summary>A vCPU gave up a root that had been made invalid.</summary>
    public const string RootReloaded = "a vCPU gave up an obsolete root";

    /// <summary>Whoever zapped a range dropped mmu_lock on the way.</summary>
    public const string ZapYielded = "a zap yielded mmu_lock";

    /// <summary>A page could not be converted because somebody referred to it.</summary>
    public const string ConversionBusy = "a conversion met a page that was in use";

    /// <summary>A page fault found that another vCPU had mapped the page.</summary>
    public const string FaultSpurious = "two vCPUs faulted on one page at once";

    /// <summary>A prefault met a memslot that was being deleted.</summary>
    public const string PrefaultedInvalid = "a prefault met an INVALID memslot";

    /// <summary>A page of the user was absent when a shared fault asked for it.</summary>
    public const string BroughtIn = "a shared fault brought a page of the user in";

    /// <summary>User space converted a frame because a vCPU used it otherwise.</summary>
    public const string Converted = "a frame was converted for a vCPU";

    /// <summary>A fault's SEAMCALL found a lock of the TDX module taken.</summary>
    public const string TdxMapBusy = "a SEAMCALL of a fault was busy";

    /// <summary>A zap's SEAMCALL found a lock of the TDX module taken, and was called once more without vCPUs.</summary>
    public const string TdxZapBusy = "a SEAMCALL of a zap was busy";

    /// <summary>A vCPU found a lock of the TDX module taken when it was to enter.</summary>
    public const string TdxEnterBusy = "VP.ENTER was busy";

    /// <summary>A vCPU was kept out of the guest while a zap called the TDX module once more.</summary>
    public const string TdxWaitedForZap = "a vCPU was kept out for a zap";

    /// <summary>An EPT violation was tried again in the exit handler.</summary>
    public const string TdxLocalRetry = "an EPT violation was retried in the exit handler";

    /// <summary>A page fault ended in an exit to user space.</summary>
    public const string MemoryFaultExit = "a vCPU left to user space with a memory fault";

    /// <summary>Pages of a launch could not be filled or measured.</summary>
    public const string LaunchUpdateFailed = "a launch update failed";

    /// <summary>The RMP refused an access, and the entry was of the right size when KVM looked.</summary>
    public const string RmpFaultSpurious = "an RMP fault was spurious";

    /// <summary>The RMP refused an access because its entry was 2M.</summary>
    public const string RmpFaultSmashed = "a 2M entry of the RMP was broken up for a vCPU";

    /// <summary>A vCPU had to look for its VMSA again because the page was being taken away.</summary>
    public const string VmsaReloaded = "a vCPU looked for its VMSA again";

    /// <summary>A batch of a page state change came back from user space.</summary>
    public const string PscBatch = "user space did a batch of a page state change";

    /// <summary>A guest's page state change was refused.</summary>
    public const string PscRefused = "a page state change was refused";

    /// <summary>A hole covered a part of a large folio.</summary>
    public const string FolioSplit = "a folio was split for a hole";

    /// <summary>Somebody else referred to a folio that a hole covers a part of.</summary>
    public const string SplitFailed = "a folio could not be split for a hole";
}
