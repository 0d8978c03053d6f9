using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/virt/svm/sev.c: the host's side of the RMP.</summary>
/// <remarks>Every function here needs a machine with SEV-SNP, or says ENODEV.</remarks>
public static class SevSnpHost
{
    private const string Source = "arch/x86/virt/svm/sev.c";

    /// <summary>What the table says of a page: the page's own entry, and the size that its 2M has.</summary>
    [Kernel(Source)]
    public static async Path<Result<SnpRmpEntry>> SnpLookupRmpentry(KernelTask current, Machine machine, Pfn pfn)
    {
        if (machine.Rmp is not { } rmp) return Errno.ENODEV;

        // Simplified: the table in memory and RMPREAD say the same of what is looked at.
        var entry = await current.Ask(rmp, new ReadRmpEntry(pfn));
        if (!entry.HasEntry)
        {
            current.WarnOn(machine.Kernel.WarnsOfUncoveredFrame, "snp_lookup_rmpentry: the RMP does not cover the page");
            return Errno.EFAULT;
        }

        var large = pfn.AlignDown(PageLevel.Level2M);
        var head = large == pfn ? entry : await current.Ask(rmp, new ReadRmpEntry(large));
        return new SnpRmpEntry(entry.Assigned, head.Assigned ? head.Level : PageLevel.Level4K);
    }

    /// <summary>Gives a page to a guest, at a place in its memory.</summary>
    [Kernel(Source)]
    public static Path<Errno> RmpMakePrivate(
        KernelTask current, Machine machine, Pfn pfn, Gfn gfn, PageLevel level, Asid asid, bool immutable) =>
        Rmpupdate(current, machine, pfn, RmpState.Private(asid, gfn, level, immutable));

    /// <summary>Takes a page back.</summary>
    [Kernel(Source)]
    public static Path<Errno> RmpMakeShared(KernelTask current, Machine machine, Pfn pfn, PageLevel level) =>
        Rmpupdate(current, machine, pfn, RmpState.SharedAt(level));

    /// <summary>Breaks a 2M entry up. The code is the processor's: tries again are up to the caller.</summary>
    [Kernel(Source)]
    public static async Path<Result<RmpResult>> Psmash(KernelTask current, Machine machine, Pfn pfn)
    {
        if (machine.Rmp is not { } rmp) return Errno.ENODEV;

        // Simplified: every frame of the machine has a page, so pfn_valid() holds.
        return machine.Faults.ShouldFail(current, FaultKind.Rmp, "psmash")
            ? RmpResult.FailInput
            : await RmpInstructions.Psmash(current, rmp, pfn);
    }

    /// <summary>Puts a page that nobody could take back where nobody will ever use it.</summary>
    /// <remarks>Simplified: one page; of a compound page the kernel leaks the head alone.</remarks>
    [Kernel(Source)]
    public static async Path SnpLeakPages(KernelTask current, Machine machine, Pfn pfn)
    {
        var sev = machine.Sev!;
        await current.Ask(sev, SnpLeakedPagesListLock.Now);
        await current.Ask(sev, new SnpLeakedPagesListAdd(pfn));
        await current.Ask(sev, SnpLeakedPagesListUnlock.Now);
    }

    /// <summary>RMPUPDATE, again and again while somebody moves the count of assigned pages in the same 2M.</summary>
    [Kernel(Source)]
    private static async Path<Errno> Rmpupdate(KernelTask current, Machine machine, Pfn pfn, RmpState state)
    {
        if (machine.Rmp is not { } rmp) return Errno.ENODEV;
        if (AdjustDirectMap(current, machine, pfn, state.Level) != Errno.None) return Errno.EFAULT;
        if (machine.Faults.ShouldFail(current, FaultKind.Rmp, "rmpupdate")) return Errno.EFAULT;
        while (true)
        {
            var code = await RmpInstructions.Rmpupdate(current, rmp, pfn, state);
            if (code == RmpResult.Success) return Errno.None;

            // Simplified: the entry and its neighbours are not dumped to the log.
            if (code != RmpResult.FailOverlap) return Errno.EFAULT;
            current.Retry("rmpupdate FAIL_OVERLAP");
        }
    }

    /// <summary>The host must not map a guest's 4K page with a larger page, through which it writes to the neighbours.</summary>
    /// <remarks>Simplified: every frame has a page; the direct map is 4K, and what is left of a split is that it may sleep and fail.</remarks>
    [Kernel(Source)]
    private static Errno AdjustDirectMap(KernelTask current, Machine machine, Pfn pfn, PageLevel level)
    {
        if (level == PageLevel.Level2M) return pfn.IsAligned(level) ? Errno.None : Errno.EINVAL;
        current.MightSleep("set_memory_4k");
        return machine.Faults.ShouldFail(current, FaultKind.Allocation, "set_memory_4k") ? Errno.EFAULT : Errno.None;
    }
}
