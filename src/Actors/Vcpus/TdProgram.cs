using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>TDG.MEM.PAGE.ACCEPT: a trust domain takes a page that its host has given it; the page is zero afterwards.</summary>
/// <param name="Gfn">The frame; 4K.</param>
public sealed record AcceptPage(Gfn Gfn) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"accept {Gfn}";
}

/// <summary>TDG.VP.VMCALL&lt;MapGPA&gt;: a trust domain asks user space to make a range private or shared.</summary>
/// <param name="Gpa">The first byte; with the shared bit it is to be shared.</param>
/// <param name="Size">How many bytes.</param>
public sealed record MapGpa(ulong Gpa, ulong Size) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"map_gpa 0x{Gpa:x} 0x{Size:x}";
}

/// <summary>A trust domain runs its program, while its processor is in guest mode.</summary>
/// <remarks>
/// A guest that gets #VE for a page that it has not accepted accepts it and tries again. Simplified: the guest accepts 4K at a time.
/// </remarks>
internal static class TdProgram
{
    /// <summary>The bit that the guest's addresses of shared memory have: <c>TDX_SHARED_BIT_PWL_4</c>.</summary>
    internal const ulong SharedBit = 1ul << 47;

    private const ulong SharedFrame = SharedBit >> Pages.Shift;

    /// <summary>Goes on with the program until the processor leaves guest mode; says why.</summary>
    internal static async Path<GuestExit> Run(KernelTask current, Vcpu vcpu, TdxVcpu vp, KvmRun run)
    {
        while (!run.IsAtEnd)
        {
            switch (run.Program[run.Next])
            {
                case Access access:
                    var exit = access.IsPrivate ? await UsePrivate(current, vp, access) : await UseShared(current, vcpu, access);
                    if (exit is { } left) return left;
                    run.Next++;
                    break;
                case AcceptPage accept:
                    var status = await Accept(current, vp, accept.Gfn);
                    if (status.IsExit) return Violation(accept.Gfn, AccessKind.Write);
                    if (!status.IsError) run.Next++;
                    break;
                case MapGpaRange or MapGpa when run.HasAsked:
                    TakeAnswer(current, run);
                    break;
                case MapGpaRange or MapGpa:
                    run.HasAsked = true;
                    return new(GuestExitReason.Hypercall);
                case var other:
                    throw new System.Diagnostics.UnreachableException($"a trust domain cannot do {other}");
            }

            if (!run.IsAtEnd && await current.Ask(vcpu.Cpu, IpiPending.Now)) return new(GuestExitReason.Interrupt);
        }

        return new(GuestExitReason.Halt);
    }

    /// <summary>What the hypercall that the guest makes has in its registers.</summary>
    internal static MapGpa MapGpaOf(KvmRun run)
    {
        var map = run.Program[run.Next] as MapGpa ?? Of((MapGpaRange)run.Program[run.Next]);
        return run.VmcallStatus == TdvmcallStatus.Retry ? new(run.VmcallR11, map.Gpa + map.Size - run.VmcallR11) : map;
    }

    /// <summary>Whether an address has the shared bit.</summary>
    internal static bool IsShared(ulong gpa) => (gpa & SharedBit) != 0;

    /// <summary>Whether a frame's number has the shared bit.</summary>
    internal static bool IsShared(Gfn gfn) => (gfn.Value & SharedFrame) != 0;

    /// <summary>The frame of an address, without the shared bit.</summary>
    internal static Gfn FrameOf(ulong gpa) => new((gpa & ~SharedBit) >> Pages.Shift);

    /// <summary>The frame that the guest's next instruction uses.</summary>
    internal static Gfn FrameOf(KvmRun run) => run.Program[run.Next] switch
    {
        Access access => access.Gfn,
        AcceptPage accept => accept.Gfn,
        _ => default,
    };

    private static MapGpa Of(MapGpaRange map)
    {
        var (first, end) = (map.Range.Start.Value << Pages.Shift, map.Range.End.Value << Pages.Shift);
        return new(first | (map.IsPrivate ? 0 : SharedBit), end - first);
    }

    // The guest asks again for what is left; whatever else it is told it lives with.
    private static void TakeAnswer(KernelTask current, KvmRun run)
    {
        run.HasAsked = false;
        if (run.VmcallStatus == TdvmcallStatus.Retry) current.Retry("TDVMCALL_STATUS_RETRY");
        else run.Next++;
    }

    // BUSY, and giving way to a host's call: the guest tries again.
    private static async Path<TdxStatus> Accept(KernelTask current, TdxVcpu vp, Gfn gfn)
    {
        var status = await TdGuest.Accept(current, vp, gfn);
        if (status.IsError) current.Retry($"TDG.MEM.PAGE.ACCEPT: {status.Code}");
        return status;
    }

    private static async Path<GuestExit?> UsePrivate(KernelTask current, TdxVcpu vp, Access access)
    {
        var (module, gfn) = (vp.Td.Module, access.Gfn);
        while (true)
        {
            var found = await PageWalk.Translate(current, vp.Cpu, module, new SeptWalk(vp.Tdvpr, gfn), gfn, access.Kind);
            if (found.Allows(access.Kind))
            {
                await Touch(current, vp.Td.Memory, found.PfnOf(gfn), vp.Td.Hkid.Key, access.Kind);
                return null;
            }

            if (!found.IsPending) return Violation(gfn, access.Kind);
            if (!module.Options.PendingVe) return new(GuestExitReason.PendingPage, gfn);
            if (await Accept(current, vp, gfn) is { IsExit: true }) return Violation(gfn, access.Kind);
            if (await current.Ask(vp.Cpu, IpiPending.Now)) return new GuestExit(GuestExitReason.Interrupt);
        }
    }

    private static async Path<GuestExit?> UseShared(KernelTask current, Vcpu vcpu, Access access)
    {
        var (vm, gfn) = (vcpu.Vm, access.Gfn);
        var alias = new Gfn(gfn.Value | SharedFrame);
        var found = await PageWalk.Translate(current, vcpu.Cpu, vm, new TdpWalk(vcpu, gfn), alias, access.Kind);
        if (!found.Allows(access.Kind)) return Violation(gfn, access.Kind);
        await Touch(current, vm.Machine.Memory, found.PfnOf(gfn), KeyId.Shared, access.Kind);
        return null;
    }

    private static async Path Touch(KernelTask current, PhysicalMemory memory, Pfn pfn, KeyId key, AccessKind kind)
    {
        if (kind == AccessKind.Write) await current.Ask(memory, new GuestAccess(pfn, key));
        else await current.Ask(memory, new ReadPage(pfn, key));
    }

    private static GuestExit Violation(Gfn gfn, AccessKind kind) =>
        new(GuestExitReason.PageFault, gfn, kind == AccessKind.Write ? PageFaultError.Write : PageFaultError.None);
}
