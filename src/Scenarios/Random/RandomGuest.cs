using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios.Random;

/// <summary>A thread that runs a vCPU with a program that is drawn beforehand, and helps it where it can.</summary>
internal static class RandomGuest
{
    private const int MostRuns = 5;
    private const int MostOps = 4;

    /// <summary>Runs it until its program is at its end, or a few times.</summary>
    internal static async Path Run(KernelTask current, Vcpu vcpu)
    {
        var run = new KvmRun(Program(current, vcpu.Vm));
        var converts = Draw.OneIn(current, 2, "converts?");
        for (var rest = MostRuns; rest > 0; rest--)
        {
            await KvmMain.KvmVcpuIoctlRun(current, vcpu, run);
            current.ReturnToUser("KVM_RUN");
            if (run.ExitReason is ExitReason.Hlt or ExitReason.Unknown) return;
            if (run.ExitReason != ExitReason.Hypercall && !(converts && run.ExitReason == ExitReason.MemoryFault)) continue;
            var request = MemoryAttributesRequest.Convert(run.Range, run.IsPrivate);
            run.HypercallRet = (ulong)await KvmMain.KvmVmIoctlSetMemAttributes(current, vcpu.Vm, request);
            current.ReturnToUser("KVM_SET_MEMORY_ATTRIBUTES");
        }
    }

    private static List<GuestOp> Program(KernelTask current, Vm vm)
    {
        var program = new List<GuestOp>();
        for (var rest = Draw.Between(current, 1, MostOps, "guest's steps"); rest > 0; rest--)
        {
            var gfn = vm.Frames.Start + (ulong)current.Choose(RandomSetting.Most, "gfn");
            var isPrivate = !Draw.OneIn(current, 4, "shared access?");
            program.Add(
                Draw.OneIn(current, 6, "asks to convert?") ? new MapGpaRange(new(gfn, gfn + 1), isPrivate)
                : new Access(gfn, isPrivate, Draw.OneIn(current, 3, "reads?") ? AccessKind.Read : AccessKind.Write));
        }

        return program;
    }
}
