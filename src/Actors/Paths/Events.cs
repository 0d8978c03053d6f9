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

    /// <summary>A page fault found that another vCPU had mapped the page.</summary>
    public const string FaultSpurious = "two vCPUs faulted on one page at once";

    /// <summary>A prefault met a memslot that was being deleted.</summary>
    public const string PrefaultedInvalid = "a prefault met an INVALID memslot";

    /// <summary>A page of the user was absent when a shared fault asked for it.</summary>
    public const string BroughtIn = "a shared fault brought a page of the user in";

    /// <summary>User space converted a frame because a vCPU used it otherwise.</summary>
    public const string Converted = "a frame was converted for a vCPU";

    /// <summary>A page fault ended in an exit to user space.</summary>
    public const string MemoryFaultExit = "a vCPU left to user space with a memory fault";
}
