using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>B2.5: a hole is punched into pages that the vCPUs of a VM fault in.</summary>
public sealed class PunchHoleVsFault : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "punch-hole-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "Faults must retry until a hole's pages are freed, or one of them maps a page that is freed under it.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.MapsCached);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2);
        var inode = stage.Inode("inode0", 2);
        var file = stage.Open("gmem0", vm, inode);
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, High);
        stage.Vcpu("vcpu1", vm, High, Low);
        stage.PunchHoles("punch", file, PageRange.Of(0, 2));

        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes("a page was freed while a fault held it", () => inode.WasTruncatedUnderAFault, inode);
        stage.SometimesFaultsMeanwhile(vm, inode);
    }
}
