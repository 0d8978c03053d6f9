using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U17: a guest changes the state of pages, with hints about sizes among them, while it uses others.</summary>
public sealed class SnpPscHints : SnpScenario
{
    private const string AsAsked = "user space converts no frame that the guest did not ask for";

    /// <inheritdoc/>
    public override string Name => "snp-psc-hints";

    /// <inheritdoc/>
    public override string Point => "A hint about the size of a page is nothing that user space should convert.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.PscForwardsHints, AsAsked);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2));
        stage.SnpVcpu(
            "vcpu0", vm, converts: false, new GuestPsc([new(Low, PscOperation.Shared), new(High, PscOperation.Unsmash)]), Access.Shared(Low));
        stage.SnpVcpu("vcpu1", vm, converts: false, Use(High));

        stage.Finally(AsAsked, () => vm.IsPrivate(High));
        stage.Sometimes(Events.PscBatch);
    }
}
