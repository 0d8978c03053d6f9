using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>
/// A fault of a vCPU on its way through the MMU, <c>struct kvm_page_fault</c>: known to its task alone.
/// </summary>
internal sealed class PageFault(Vcpu vcpu, KvmRun run, Gfn gfn, PageFaultError error, bool isPrefetch = false)
{
    internal Vcpu Vcpu { get; } = vcpu;

    internal Vm Vm => Vcpu.Vm;

    /// <summary>What user space is told if it has to do something.</summary>
    internal KvmRun Run { get; } = run;

    internal Gfn Gfn { get; } = gfn;

    internal PageFaultError Error { get; } = error;

    internal bool IsPrivate => (Error & Pferr.PrivateAccess) != 0;

    internal bool IsWrite => (Error & PageFaultError.Write) != 0;

    internal bool IsPresent => (Error & PageFaultError.Present) != 0;

    /// <summary>Whether user space asked for it, not a guest.</summary>
    internal bool IsPrefetch { get; } = isPrefetch;

    internal Memslot? Slot { get; set; }

    /// <summary><c>mmu_seq</c>: what <c>mmu_invalidate_seq</c> was before anything was looked up.</summary>
    internal ulong MmuSeq { get; set; }

    /// <summary>The frame that was looked up.</summary>
    internal Pfn Pfn { get; set; }

    /// <summary>The inode of the frame, which counts the fault's reference; none if it is the user's memory.</summary>
    internal GmemInode? Inode { get; set; }

    /// <summary>Whether the memslot lets the guest write.</summary>
    internal bool MapsWritable { get; set; } = true;

    /// <summary>The largest mapping that the memory allows.</summary>
    internal PageLevel MaxLevel { get; set; } = PageLevel.Level4K;

    /// <summary>The mapping that is installed.</summary>
    internal PageLevel GoalLevel { get; set; } = PageLevel.Level4K;

    /// <summary>The test that says: try again.</summary>
    internal string RetryReason { get; private set; } = "";

    internal RetPf Retry(string reason)
    {
        RetryReason = reason;
        return RetPf.Retry;
    }
}
