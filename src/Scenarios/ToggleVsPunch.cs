using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U3: user space asks to take the gmem file from a memslot, while holes are punched and the guest runs.</summary>
public sealed class ToggleVsPunch : Scenario
{
    private static readonly Gfn Low = new(0x100);

    /// <inheritdoc/>
    public override string Name => "toggle-vs-punch";

    /// <inheritdoc/>
    public override string Point => "A memslot must keep its gmem file until it is deleted, or the file stays bound to a memslot that is freed.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.ToggleGuestMemfd, KernelProperties.BindingsLive);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.MapsCached),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2);
        var file = stage.Open("gmem0", vm, stage.Inode("inode0", 2));
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, Low + 1);
        stage.Task("vmm", current => ClearFlag(current, vm, stage.Files));
        stage.PunchHoles("punch", file, PageRange.Of(0, 2));
        stage.SometimesFaultsMeanwhile(vm, file.Inode);
    }

    private static Path<Errno> ClearFlag(KernelTask current, Vm vm, FilesStruct files) => KvmMain.KvmVmIoctlSetMemoryRegion(
        current, vm, files, new(0, KvmMem.None, Low.Value << Pages.Shift, 2 * Pages.Size));
}
