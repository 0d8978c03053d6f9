using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B1.2: two vCPUs fault pages in whose place in the file is not their place in the guest.</summary>
public sealed class SnpFaultVsFault : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-fault-vs-fault";

    /// <inheritdoc/>
    public override string Point => "The RMP wants the guest's address of a page, which its index in the file does not tell.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.PrepareWithoutGpa, SnpProperties.MapsAssigned);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage);
        stage.SnpVcpu("vcpu0", vm, converts: false, Use(Low, High));
        stage.SnpVcpu("vcpu1", vm, converts: false, Use(Low));

        stage.Sometimes(Events.FaultSpurious);
        stage.Sometimes(Events.RmpFaultSpurious);
    }
}
