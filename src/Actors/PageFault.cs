namespace GmemActors.Actors;

/// <summary>
/// A fault of a vCPU on its way through the MMU, <c>struct kvm_page_fault</c>: known to its task alone.
/// </summary>
internal sealed class PageFault(Vm vm, Gfn gfn)
{
    internal Vm Vm { get; } = vm;

    internal Gfn Gfn { get; } = gfn;

    internal Memslot? Slot { get; set; }

    /// <summary><c>mmu_seq</c>: what <c>mmu_invalidate_seq</c> was before anything was looked up.</summary>
    internal ulong MmuSeq { get; set; }

    /// <summary>What was looked up, with a reference.</summary>
    internal GmemPage Page { get; set; }

    /// <summary>The test that says: try again.</summary>
    internal string RetryReason { get; private set; } = "";

    internal RetPf Retry(string reason)
    {
        RetryReason = reason;
        return RetPf.Retry;
    }
}
