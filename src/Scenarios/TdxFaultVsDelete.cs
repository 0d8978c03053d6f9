using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>U7: a memslot is deleted while a trust domain faults in it.</summary>
public sealed class TdxFaultVsDelete : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-fault-vs-delete";

    /// <inheritdoc/>
    public override string Point =>
        "The local retry of an EPT violation must end when the memslot is being deleted, or the two wait for each other for ever.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(TdxBugs.LocalRetryOnInvalidSlot, "KVM_MEMSLOT_INVALID");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, _) = Bind(stage);
        stage.Vcpu("vcpu0", vm, new AcceptPage(High), new AcceptPage(Low));
        stage.Task("vmm", current => Stage.DeleteMemslot(current, vm, stage.Files, 0, Low));

        stage.Sometimes(Events.TdxLocalRetry);
        stage.Sometimes(Events.MemoryFaultExit);
    }
}
