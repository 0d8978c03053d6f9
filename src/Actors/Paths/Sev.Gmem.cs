using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/svm/sev.c: SEV-SNP guests. Here: what guest_memfd asks of it.</summary>
public static partial class Sev
{
    private const string Source = "arch/x86/kvm/svm/sev.c";
    private const int Order2M = 9;

    /// <summary>A guest is about to get a page: makes it the guest's in the RMP. The folio is locked.</summary>
    [Kernel(Source)]
    internal static async Path<Errno> SevGmemPrepare(KernelTask current, Vm vm, Pfn pfn, Gfn gfn, int maxOrder)
    {
        if (vm.Type != VmType.Snp) return Errno.None;
        var entry = await SevSnpHost.SnpLookupRmpentry(current, vm.Machine, pfn);
        if (entry.IsErr) return Errno.ENOENT;

        // Whoever it is assigned to, and where: it may have been prepared before.
        if (entry.Value.Assigned) return Errno.None;
        var isLarge = maxOrder >= Order2M && await IsLargeRmpPossible(current, vm.Machine, pfn);
        var level = isLarge ? PageLevel.Level2M : PageLevel.Level4K;
        var errno = await SevSnpHost.RmpMakePrivate(
            current, vm.Machine, pfn.AlignDown(level), gfn.AlignDown(level), level, vm.Asid, immutable: false);
        return errno == Errno.None ? Errno.None : Errno.EINVAL;
    }

    /// <summary>Pages leave the page cache: the host takes them back in the RMP. Nobody learns of a failure.</summary>
    /// <remarks>Simplified: CLFLUSH changes nothing that can be seen.</remarks>
    [Kernel(Source)]
    internal static async Path SevGmemInvalidate(KernelTask current, Machine machine, Pfn start, Pfn end)
    {
        var pfn = start;
        while (pfn.Value < end.Value)
        {
            var left = end.Value - pfn.Value;
            var level = await SevGmemReset(current, machine, pfn, left);
            pfn = new(pfn.Value + (uint)level.Pages());
        }
    }

    /// <summary>How large a page the RMP allows at most; none: it has no say.</summary>
    [Kernel(Source)]
    internal static async Path<PageLevel> SevGmemMaxMappingLevel(KernelTask current, Vm vm, Pfn pfn)
    {
        if (vm.Type != VmType.Snp) return PageLevel.None;
        var entry = await SevSnpHost.SnpLookupRmpentry(current, vm.Machine, pfn);
        return entry.IsErr || !entry.Value.Assigned ? PageLevel.Level4K : entry.Value.Level;
    }

    /// <summary>Takes one page back, or the whole 2M of an entry; says which.</summary>
    [Kernel(Source, "sev_gmem_invalidate")]
    private static async Path<PageLevel> SevGmemReset(KernelTask current, Machine machine, Pfn pfn, uint left)
    {
        var entry = await SevSnpHost.SnpLookupRmpentry(current, machine, pfn);

        // A page that was allocated and never used is the host's still.
        if (entry.IsErr) return PageLevel.Level4K;
        if (!entry.Value.Assigned)
        {
            current.WarnOn(machine.Kernel.Has(SnpBugs.FreeExpectsAssigned), "sev_gmem_invalidate: the page is not assigned");
            return PageLevel.Level4K;
        }

        var isLarge = entry.Value.Level == PageLevel.Level2M;
        var level = isLarge && pfn.IsAligned(PageLevel.Level2M) && left >= PageLevels.PagesPer2M
            ? PageLevel.Level2M
            : PageLevel.Level4K;
        if (isLarge && level == PageLevel.Level4K)
        {
            var code = await SnpRmptablePsmash(current, machine, pfn);
            current.WarnOn(code != RmpResult.Success, "sev_gmem_invalidate: PSMASH failed");
        }

        if (await SevSnpHost.RmpMakeShared(current, machine, pfn, level) == Errno.None) return level;
        await current.Ask(machine.Sev!, new NoteFailedReset(pfn));
        current.Warn("sev_gmem_invalidate: RMPUPDATE failed");
        return level;
    }

    /// <summary>Whether no page of a 2M is assigned. A page that cannot be looked up counts as assigned.</summary>
    /// <remarks>Simplified: the entries are read in one step, and the RMP covers all of them or none.</remarks>
    [Kernel(Source)]
    private static async Path<bool> IsLargeRmpPossible(KernelTask current, Machine machine, Pfn pfn)
    {
        if (machine.Rmp is not { } rmp) return false;
        var head = await current.Ask(rmp, new ReadRmpEntry(pfn.AlignDown(PageLevel.Level2M)));
        return head is { HasEntry: true, Assigned: false, RegionAssigned: false };
    }

    /// <summary>Breaks the 2M entry of a page up, however long others are in the way.</summary>
    [Kernel(Source)]
    private static async Path<RmpResult> SnpRmptablePsmash(KernelTask current, Machine machine, Pfn pfn)
    {
        while (true)
        {
            var code = await SevSnpHost.Psmash(current, machine, pfn.AlignDown(PageLevel.Level2M));
            if (code.IsErr) return RmpResult.FailInput;
            if (code.Value != RmpResult.FailInuse) return code.Value;
            current.Retry("psmash FAIL_INUSE");
        }
    }
}
