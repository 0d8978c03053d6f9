using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U19: user space writes its answer to a page state change only when it fails.</summary>
public sealed class SnpPscStaleRet : SnpScenario
{
    private const string Succeeds = "the guest is told that what user space did succeeded";

    /// <inheritdoc/>
    public override string Name => "snp-psc-stale-ret";

    /// <inheritdoc/>
    public override string Point => "An old answer of user space is no answer: it must be zeroed before user space is asked.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.StaleHypercallRet, Succeeds);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2));
        var (vcpu, wrong) = (stage.SnpVcpu(vm), false);
        stage.Task("vcpu0", Run);
        stage.SnpVcpu("vcpu1", vm, converts: true, Use(High));

        stage.Finally(Succeeds, () => !wrong);
        stage.Sometimes(Failed);

        async Path Run(KernelTask current)
        {
            var (refused, last) = (false, 0ul);
            var run = new KvmRun([new GuestPscMsr(Low, PscOperation.Shared), new GuestPscMsr(Low, PscOperation.Private)])
            {
                OnResult = (_, result) =>
                {
                    wrong |= result.Psc != 0 && !refused;
                    last = result.Psc;
                },
            };
            while (await KvmMain.KvmVcpuIoctlRun(current, vcpu, run) == Errno.None && run.ExitReason == ExitReason.Hypercall)
            {
                // What is not written stays.
                refused = current.Choose(2, "user space cannot convert") == 1;
                if (refused) run.HypercallRet = (ulong)Errno.EINVAL;
                else await Stage.Convert(current, vm, run);
                if (refused) current.Mark(Failed);
            }
        }
    }

    private const string Failed = "user space could not convert a frame";
}
