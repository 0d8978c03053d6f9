using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>
/// B2.4: two VMs have the same inode bound, each through a file of its own; one of them punches a hole.
/// </summary>
public sealed class PunchHoleTwoVms : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "punch-hole-two-vms";

    /// <inheritdoc/>
    public override string Point =>
        "A hole must be taken from every file of the inode, or another VM keeps using the pages.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.OnlyCallersFile, KernelProperties.MapsCached);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.MapsCached),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var inode = stage.Inode("inode0", 2);
        var (vm0, vm1) = (stage.Vm("vm0", Low.Value, 2), stage.Vm("vm1", Low.Value, 2));
        var file = stage.Open("gmem0", vm0, inode);
        vm0.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        vm1.AddMemslot(0, Low, stage.Open("gmem1", vm1, inode), PageRange.Of(0, 2));
        stage.Vcpu("vm0.vcpu0", vm0, Low, High);
        stage.Vcpu("vm1.vcpu0", vm1, High, Low);
        stage.PunchHoles("punch", file, PageRange.Of(0, 2));

        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes("both VMs map one page", () => vm0.Maps(Low) is { } pfn && vm1.Maps(Low) == pfn, vm0, vm1);
        stage.SometimesFaultsMeanwhile(vm0, inode);
        stage.SometimesFaultsMeanwhile(vm1, inode);
    }
}
