using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B0.7: a hole of one page is punched into 2M while a vCPU faults another page of it in.</summary>
public sealed class HugePunchVsFault : HugeScenario
{
    /// <inheritdoc/>
    public override string Name => "huge-punch-vs-fault";

    /// <inheritdoc/>
    public override string Point => "A folio that a fault refers to cannot be split: the hole must wait for the fault, not take all of it.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Broken(GuestMemfdBugs.SplitFailureDropsFolio, KernelProperties.HolesStayInside);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.MapsCached),
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.OwnMemory),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", First.Value, PageLevels.PagesPer2M);
        var file = Open(stage, vm);
        file.Inode.AllocateHuge(new(0));
        stage.Vcpu("vcpu0", vm, First, First + 2);
        stage.Vcpu("vcpu1", vm, First + 3);
        stage.PunchHoles("punch", file, PageRange.Of(1, 1));

        SometimesHuge(stage, vm);
        stage.Sometimes(Events.FolioSplit);
        stage.Sometimes(Events.SplitFailed);
    }
}
