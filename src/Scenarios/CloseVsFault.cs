using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>The last descriptor of a file is closed while vCPUs fault its pages in and a hole is punched.</summary>
public sealed class CloseVsFault : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn Middle = new(0x101);
    private static readonly Gfn High = new(0x102);

    /// <inheritdoc/>
    public override string Name => "close-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "A fault that holds the file keeps it; once it is gone nothing maps its memory, and faults leave to user space.";

    /// <inheritdoc/>
    public override ExpectedFinding? Shows => null;

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.MapsCached),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 3);
        var inode = stage.Inode("inode0", 3);
        var file = stage.Open("gmem0", vm, inode);
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 3));
        stage.Vcpu("vcpu0", vm, Middle, Low);
        stage.Vcpu("vcpu1", vm, High, Middle);
        stage.Task("vmm", async current =>
        {
            // The page in the middle is neither the first nor the last: if it is locked meanwhile, the second pass must get it.
            await Stage.Fallocate(current, file, FallocMode.KeepSize | FallocMode.PunchHole, PageRange.Of(0, 3));
            await Open.Close(current, stage.Files, 0);
            current.ReturnToUser("close");
        });

        stage.Sometimes(Events.MemoryFaultExit);
        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes(
            "a fault held the file when its last descriptor was closed",
            () => file.RefCount > 0 && stage.Files.CountOf(file) == 0,
            file,
            stage.Files);
    }
}
