using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>U30: a trust domain accepts a page while a hole is punched into it.</summary>
public sealed class TdxAcceptVsZap : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-accept-vs-zap";

    /// <inheritdoc/>
    public override string Point =>
        "A zap that meets an ACCEPT must kick the guest and try once more, or the VM dies of a busy lock.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.ZapBusyIsFatal, TdxProperties.NeverBugged);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, file) = Bind(stage);
        stage.AddPendingPage(vm, file.Inode, new(0), Low);
        stage.AddPendingPage(vm, file.Inode, new(1), High);
        stage.Vcpu("vcpu0", vm, new AcceptPage(Low), new AcceptPage(High));
        stage.PunchHoles("punch", file, PageRange.Of(0, 2));

        stage.Sometimes(Events.TdxZapBusy);
        stage.Sometimes(Events.TdxWaitedForZap);
        stage.SometimesFaultsMeanwhile(vm, file.Inode);
    }
}
