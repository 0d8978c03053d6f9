using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>O3: a memslot is bound while allocations fail, and its file is closed.</summary>
public sealed class BindWithoutMemory : Scenario
{
    private static readonly Gfn Low = new(0x100);

    /// <inheritdoc/>
    public override string Name => "bind-without-memory";

    /// <inheritdoc/>
    public override string Point => "A binding that cannot be stored must fail the bind, or the memslot names a file that is freed.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Broken(GuestMemfdBugs.BindIgnoresNoMemory, KernelProperties.FilesLive);

    /// <inheritdoc/>
    protected override StageOptions Machine => StageOptions.Default with { Faults = new(FaultKind.Allocation, Interval: 4) };

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2);
        stage.Open("gmem0", vm, stage.Inode("inode0", 2));
        stage.Task("vmm", current => BindThenClose(current, vm, stage.Files));
    }

    // Each call may fail: user space goes on.
    private static async Path BindThenClose(KernelTask current, Vm vm, FilesStruct files)
    {
        var region = new UserMemoryRegion(
            0, KvmMem.GuestMemfd, Low.Value << Pages.Shift, 2 * Pages.Size, GuestMemfd: 0);
        await KvmMain.KvmVmIoctlSetMemoryRegion(current, vm, files, region);
        await Open.Close(current, files, 0);
    }
}
