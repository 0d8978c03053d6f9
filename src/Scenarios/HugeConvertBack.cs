using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U22, B1.5: a guest converts a frame of 2M that it has validated as one, and converts it back.</summary>
public sealed class HugeConvertBack : HugeScenario
{
    /// <inheritdoc/>
    public override string Name => "huge-convert-back";

    /// <inheritdoc/>
    public override string Point => "What the RMP has as 4K since it was broken up must not be mapped as 2M again: nothing joins it.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(SnpBugs.ClampReturnsRequest, "#NPF with the RMP bit");

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        ExpectedFinding.Broken(MmuBugs.HugePageVsAttributes, KernelProperties.KindsMatch),
        ExpectedFinding.Broken(SnpBugs.PrepareWithoutGpa, SnpProperties.MapsAssigned),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var vm = stage.SnpVm("vm0", First.Value, PageLevels.PagesPer2M);
        Open(stage, vm);
        stage.SnpVcpu(
            "vcpu0",
            vm,
            converts: false,
            new GuestPvalidate(First, Level: PageLevel.Level2M),
            First,
            new GuestPscMsr(First + 3, PscOperation.Shared),
            First,
            new GuestPscMsr(First + 3, PscOperation.Private),
            First + 1);
        stage.SnpVcpu("vcpu1", vm, converts: false, First + 2, First + 4);

        SometimesHuge(stage, vm);
        stage.Sometimes(Events.RmpFaultSmashed);
    }
}
