using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>U30: a vCPU that is suspected of being stepped by its host enters while a hole is punched.</summary>
public sealed class TdxZeroStepVsZap : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-zero-step-vs-zap";

    /// <inheritdoc/>
    public override string Point =>
        "A zap that meets an entry under suspicion of zero-stepping must kick the vCPU and keep it out, or the VM dies of a busy lock.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.ZapBusyIsFatal, TdxProperties.NeverBugged);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, file) = Bind(stage);
        stage.AddPage(vm, file.Inode, new(0), Low);
        var vcpu = stage.Vcpu("vcpu0", vm, new AcceptPage(High));
        stage.Suspect(vcpu, High);
        stage.PunchHoles("punch", file, PageRange.Of(0, 1));

        stage.Sometimes(Events.TdxZapBusy);
        stage.Sometimes(Events.TdxEnterBusy);
    }
}
