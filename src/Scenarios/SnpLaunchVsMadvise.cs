using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U25: a guest is launched while its source goes, of which a part was never there.</summary>
public sealed class SnpLaunchVsMadvise : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-launch-vs-madvise";

    /// <inheritdoc/>
    public override string Point => "A page that was mapped to be filled must be unmapped also if its source cannot be read.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.PopulateLeaksMapping, SnpProperties.MappingsBalance);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var mm = stage.UserMemory(1);
        var (vm, _) = Guest(stage, mm, isLaunched: false);
        stage.SnpVcpu(vm);
        stage.Task("launch", Launch);
        stage.Task("madvise", current => Madvise.MadviseDontneedSingleVma(current, mm, PageRange.Of(0, 1)));

        stage.Sometimes(Events.LaunchUpdateFailed);
        stage.Sometimes(Events.BroughtIn);

        async Path Launch(KernelTask current) => await SnpLaunch.Of(current, vm, new(Low, 0, 2ul << Pages.Shift));
    }
}
