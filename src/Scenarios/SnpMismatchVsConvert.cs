using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>U14: a guest writes to a private page as if it were shared, while user space converts others.</summary>
public sealed class SnpMismatchVsConvert : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-mismatch-vs-convert";

    /// <inheritdoc/>
    public override string Point =>
        "An access of the wrong kind is for user space: the fast path sees an SPTE that lets it through, and lets the guest fault for ever.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(MmuBugs.FastPathForMismatch, "#NPF with the RMP bit");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2));
        stage.SnpVcpu("vcpu0", vm, converts: true, [.. Use(Low), Access.Shared(Low)]);
        stage.SnpVcpu("vcpu1", vm, converts: true, [.. Use(High), Access.Shared(High)]);

        if (stage.Kernel.Has(MmuBugs.FastPathForMismatch)) return;
        stage.Sometimes(Events.MemoryFaultExit);
        stage.Sometimes(Events.Converted);
    }
}
