using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>U30: two vCPUs of a trust domain accept one page at once.</summary>
public sealed class TdxTwoFaults : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-two-faults";

    /// <inheritdoc/>
    public override string Point =>
        "A fault that finds a lock of the TDX module taken must put the mirror entry back and try again, or the VM dies of it.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.MapBusyIsFatal, TdxProperties.NeverBugged);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, _) = Bind(stage);
        stage.Vcpu("vcpu0", vm, new AcceptPage(Low), Access.Private(Low));
        stage.Vcpu("vcpu1", vm, new AcceptPage(Low));

        stage.Sometimes(Events.TdxMapBusy);
        stage.Sometimes(Events.TdxLocalRetry);
    }
}
