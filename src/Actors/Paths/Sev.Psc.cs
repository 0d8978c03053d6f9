using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// Page state changes: the guest asks user space, through KVM, to make frames private or shared.
public static partial class Sev
{
    /// <summary>The guest of an SNP vCPU asks for something; says whether to let it go on.</summary>
    /// <remarks>Simplified: of what a guest can ask for, what changes who owns memory.</remarks>
    [Kernel(Source)]
    internal static async Path<Result<bool>> SevHandleVmgexit(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        switch (run.Program[run.Next])
        {
            case GuestPscMsr msr:
                return SnpBeginPscMsr(current, vcpu, run, msr);
            case GuestApCreate create:
                var isRefused = await SevSnpApCreation(current, vcpu, create) != Errno.None;
                run.Done(new(Psc: isRefused ? PscError.Generic : 0));
                return true;
            default:
                (run.Psc.Header, run.Psc.Inflight) = (null, 0);
                return await SnpBeginPsc(current, vcpu, run);
        }
    }

    /// <summary>User space has done what it was asked for; says whether to let the guest go on.</summary>
    [Kernel("arch/x86/kvm/x86.c", "complete_userspace_io")]
    internal static async Path<Result<bool>> CompletePsc(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        var completed = run.Complete;
        run.Complete = CompleteUserspaceIo.None;
        if (vcpu.Vm.Machine.Kernel.ChecksHypercallRet && !IsValidRet(run.HypercallRet)) return Errno.EINVAL;
        return completed == CompleteUserspaceIo.PscMsr ? SnpCompletePscMsr(current, run) : await SnpCompleteOnePsc(current, vcpu, run);
    }

    // What user space may answer: kvm_is_valid_map_gpa_range_ret().
    private static bool IsValidRet(ulong ret) => ret is 0 or (ulong)Errno.EINVAL or (ulong)Errno.EAGAIN;

    /// <summary>One frame, by the GHCB MSR.</summary>
    [Kernel(Source)]
    private static Result<bool> SnpBeginPscMsr(KernelTask current, Vcpu vcpu, KvmRun run, GuestPscMsr msr)
    {
        var isKnown = msr.Operation is PscOperation.Private or PscOperation.Shared;
        if (!isKnown || !vcpu.Vm.ExitsOnMapGpaRange)
        {
            run.Done(new(Psc: PscError.Msr));
            return true;
        }

        MapGpaRangeExit(vcpu, run, GfnRange.Of(msr.Gfn, 1), msr.Operation == PscOperation.Private);
        run.Complete = CompleteUserspaceIo.PscMsr;
        return false;
    }

    [Kernel(Source)]
    private static Result<bool> SnpCompletePscMsr(KernelTask current, KvmRun run)
    {
        run.Done(new(Psc: run.HypercallRet == 0 ? 0 : PscError.Msr));
        return true;
    }

    /// <summary>Finds the next entries of the guest's buffer that can be done together, and leaves to user space with them.</summary>
    /// <remarks>The buffer is the guest's, who may write to it at any time: an entry is right when it was read, and no longer.</remarks>
    [Kernel(Source)]
    private static async Path<Result<bool>> SnpBeginPsc(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        var (psc, ghcb, kernel) = (run.Psc, vcpu.Ghcb!, vcpu.Vm.Machine.Kernel);
        if (!vcpu.Vm.ExitsOnMapGpaRange || !ghcb.IsInGhcb) return SnpCompletePsc(current, run, PscError.Generic);
        var allowed = kernel.Has(SnpBugs.PscTrustsEndEntry) ? Ghcb.MaxEntries : ghcb.Capacity;
        if (current.WarnOn(allowed > Ghcb.MaxEntries, "snp_begin_psc: too many entries")) return SnpCompletePsc(current, run, PscError.Generic);

        while (true)
        {
            if (current.WarnOn(psc.Inflight > 0, "snp_begin_psc: a batch is in flight")) return SnpCompletePsc(current, run, PscError.Generic);
            var header = psc.Header ?? await current.Ask(ghcb, ReadPscHeader.Now);
            if (kernel.PscSnapshotsHeader) psc.Header ??= header;
            if (header.EndEntry >= allowed) return SnpCompletePsc(current, run, PscError.InvalidHdr);
            var index = psc.Header is null ? header.CurEntry : Math.Max(header.CurEntry, psc.Index);
            var found = await FindPscRange(current, vcpu, psc, index, header.EndEntry);
            if (found.Error is { } error) return SnpCompletePsc(current, run, error);
            if (found.Operation is PscOperation.Private or PscOperation.Shared || kernel.Has(SnpBugs.PscForwardsHints))
            {
                MapGpaRangeExit(vcpu, run, found.Range, found.Operation == PscOperation.Private);
                run.Complete = CompleteUserspaceIo.Psc;
                return false;
            }

            // A hint about sizes: there is nothing to do but to say that it is done.
            await CompleteBatch(current, vcpu, psc);
        }
    }

    /// <summary>Looks for the first entry that is not done, and for those that go with it.</summary>
    [Kernel(Source, "snp_begin_psc")]
    private static async Path<PscRange> FindPscRange(KernelTask current, Vcpu vcpu, PscState psc, int index, int end)
    {
        var (ghcb, first, npages) = (vcpu.Ghcb!, default(PscEntry), 0);
        for (; index <= end; index++)
        {
            first = await current.Ask(ghcb, new ReadPscEntry(index));
            if (first.CurPage > first.Pages || first.Gfn.Value % (ulong)first.Pages != 0) return new(PscError.InvalidEntry);
            npages = first.Pages - first.CurPage;
            if (npages > 0) break;
            await current.Ask(ghcb, new WritePscCurEntry(index + 1));
        }

        if (index > end) return new(0);

        // What is left of a page that was begun is done as 4K pages.
        var (gfn, isLarge) = (first.Gfn + (ulong)first.CurPage, first.IsLarge && first.CurPage == 0);
        (psc.Index, psc.Inflight, psc.IsLarge) = (index, 1, isLarge);
        while (++index <= end)
        {
            var next = await current.Ask(ghcb, new ReadPscEntry(index));
            var follows = next.Operation == first.Operation && next.Gfn.Value == gfn.Value + (ulong)npages
                && next.CurPage == 0 && next.IsLarge == isLarge;
            if (!follows) break;
            psc.Inflight++;
            npages += next.Pages;
        }

        return new(null, GfnRange.Of(gfn, (ulong)npages), first.Operation);
    }

    /// <summary>User space has done a batch: goes on with the next one.</summary>
    [Kernel(Source)]
    private static async Path<Result<bool>> SnpCompleteOnePsc(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        current.Mark(Events.PscBatch);
        if (run.HypercallRet != 0) return SnpCompletePsc(current, run, PscError.Generic);
        await CompleteBatch(current, vcpu, run.Psc);
        return await SnpBeginPsc(current, vcpu, run);
    }

    /// <summary>Tells the guest how far it is.</summary>
    [Kernel(Source, "__snp_complete_one_psc")]
    private static async Path CompleteBatch(KernelTask current, Vcpu vcpu, PscState psc)
    {
        for (; psc.Inflight > 0; psc.Inflight--, psc.Index++)
        {
            var entry = await current.Ask(vcpu.Ghcb!, new ReadPscEntry(psc.Index));
            await current.Ask(vcpu.Ghcb!, new WritePscEntry(psc.Index, entry.Completed));
        }

        await current.Ask(vcpu.Ghcb!, new WritePscCurEntry(psc.Index));
    }

    /// <summary>The page state change is at its end: the guest learns how it went.</summary>
    [Kernel(Source)]
    private static Result<bool> SnpCompletePsc(KernelTask current, KvmRun run, ulong error)
    {
        (run.Psc.Inflight, run.Psc.Index, run.Psc.Header) = (0, 0, null);
        if (error != 0) current.Mark(Events.PscRefused);
        run.Done(new(Psc: error));
        return true;
    }

    // KVM_EXIT_HYPERCALL with KVM_HC_MAP_GPA_RANGE.
    private static void MapGpaRangeExit(Vcpu vcpu, KvmRun run, GfnRange range, bool isPrivate)
    {
        (run.ExitReason, run.Range, run.IsPrivate) = (ExitReason.Hypercall, range, isPrivate);
        if (!vcpu.Vm.Machine.Kernel.Has(SnpBugs.StaleHypercallRet)) run.HypercallRet = 0;
    }

    private readonly record struct PscRange(ulong? Error, GfnRange Range = default, PscOperation Operation = PscOperation.None);
}
