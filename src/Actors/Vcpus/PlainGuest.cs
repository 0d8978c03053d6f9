using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A guest that no hardware protects runs its program, while its processor is in guest mode.</summary>
internal static class PlainGuest
{
    /// <summary>Goes on with the program until the processor leaves guest mode; says why.</summary>
    internal static async Path<GuestExit> Run(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        while (!run.IsAtEnd)
        {
            switch (run.Program[run.Next])
            {
                case Access access:
                    var fault = await Use(current, vcpu, access);
                    if (fault.IsFault) return new(GuestExitReason.PageFault, access.Gfn, fault.Error);
                    run.Next++;
                    break;
                case MapGpaRange map:
                    run.Next++;
                    (run.Range, run.IsPrivate) = (map.Range, map.IsPrivate);
                    return new(GuestExitReason.Hypercall);
                case var other:
                    throw new System.Diagnostics.UnreachableException($"a guest without protection cannot do {other}");
            }

            if (!run.IsAtEnd && await current.Ask(vcpu.Cpu, IpiPending.Now)) return new(GuestExitReason.Interrupt);
        }

        return new(GuestExitReason.Halt);
    }

    private static async Path<Fault> Use(KernelTask current, Vcpu vcpu, Access access)
    {
        var vm = vcpu.Vm;
        var walk = new TdpWalk(vcpu, access.Gfn);
        var translation = await PageWalk.Translate(current, vcpu.Cpu, vm, walk, access.Gfn, access.Kind);
        if (!translation.Allows(access.Kind)) return PageWalk.Fault(translation, access.Kind);

        // From the walk to the exit the guest has the translation, whatever becomes of the SPTE.
        var pfn = translation.PfnOf(access.Gfn);
        if (access.Kind == AccessKind.Write) await current.Ask(vm.Machine.Memory, new GuestAccess(pfn));
        else await current.Ask(vm.Machine.Memory, new ReadPage(pfn));
        return Fault.None;
    }
}
