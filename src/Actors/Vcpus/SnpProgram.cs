using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>An SNP guest runs its program, while its processor is in guest mode.</summary>
internal static class SnpProgram
{
    /// <summary>Goes on with the program until the processor leaves guest mode; says why.</summary>
    /// <remarks>An exception is the guest's own: it is told, and the guest goes on with what comes next.</remarks>
    internal static async Path<GuestExit> Run(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        while (!run.IsAtEnd)
        {
            var op = run.Program[run.Next];
            if (op is GuestPscMsr or GuestPsc or GuestApCreate)
            {
                if (op is GuestPsc psc) await Fill(current, vcpu.Ghcb!, psc);
                return new(GuestExitReason.Vmgexit);
            }

            var result = await Do(current, vcpu, op);
            if (result.Fault.Kind == Hardware.FaultKind.NestedPageFault)
            {
                return new(GuestExitReason.PageFault, GfnOf(op), result.Fault.Error);
            }

            run.Done(result);
            if (!run.IsAtEnd && await current.Ask(vcpu.Cpu, IpiPending.Now)) return new(GuestExitReason.Interrupt);
        }

        return new(GuestExitReason.Halt);
    }

    private static async Path<GuestResult> Do(KernelTask current, Vcpu vcpu, GuestOp op)
    {
        switch (op)
        {
            case Access access:
                var read = await SnpGuest.Access(current, vcpu.SnpVcpu, access.Gfn, AccessKind.Read, access.IsPrivate);
                if (access.Kind == AccessKind.Read || read.Fault.IsFault) return new(read.Fault, Content: read.Content);
                var written = await SnpGuest.Access(current, vcpu.SnpVcpu, access.Gfn, access.Kind, access.IsPrivate);
                return new(written.Fault, Content: read.Content);
            case GuestPvalidate validate:
                return Of(await SnpGuest.Pvalidate(current, vcpu.SnpVcpu, validate.Gfn, validate.Level, validate.Validate));
            case GuestRmpadjust adjust:
                return Of(await SnpGuest.Rmpadjust(
                    current, vcpu.SnpVcpu, adjust.Gfn, PageLevel.Level4K, adjust.Target, adjust.Permissions, adjust.Vmsa));
            case GuestScribble scribble:
                await Scribble(current, scribble);
                return default;
            default:
                throw new System.Diagnostics.UnreachableException($"an SNP guest cannot do {op}");
        }
    }

    private static GuestResult Of(RmpOutcome outcome) => new(outcome.Fault, outcome);

    private static Gfn GfnOf(GuestOp op) => op switch
    {
        Access access => access.Gfn,
        GuestPvalidate validate => validate.Gfn,
        GuestRmpadjust adjust => adjust.Gfn,
        _ => throw new System.Diagnostics.UnreachableException($"{op} does not fault"),
    };

    // Simplified: the GHCB is there; what the guest does to write it is not.
    private static async Path Fill(KernelTask current, Ghcb ghcb, GuestPsc psc)
    {
        for (var i = 0; i < psc.Entries.Count && i < ghcb.Capacity; i++) await current.Ask(ghcb, new WritePscEntry(i, psc.Entries[i]));
        await current.Ask(ghcb, new WritePscHeader(new(0, (ushort)(psc.EndEntry ?? psc.Entries.Count - 1))));
    }

    private static async Path Scribble(KernelTask current, GuestScribble scribble)
    {
        if (scribble.Index is { } index)
        {
            await current.Ask(scribble.Ghcb, new WritePscEntry(index, scribble.Entry));
            return;
        }

        var header = await current.Ask(scribble.Ghcb, ReadPscHeader.Now);
        await current.Ask(scribble.Ghcb, new WritePscHeader(header with { EndEntry = (ushort)scribble.EndEntry }));
    }
}
