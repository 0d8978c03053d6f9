using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U12: two files of different sizes are created, and each is allocated to its end.</summary>
public sealed class CreateTwoFiles : Scenario
{
    /// <inheritdoc/>
    public override string Name => "create-two-files";

    /// <inheritdoc/>
    public override string Point => "Every gmem file must have an inode of its own, or a new file changes the size of the others.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.SharedAnonymousInode, LifetimeProperties.SizesStay);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", 0x100, 2);
        stage.Task("small", current => CreateAndAllocate(current, stage, vm, 1));
        stage.Task("large", current => CreateAndAllocate(current, stage, vm, 2));
    }

    private static async Path<Errno> CreateAndAllocate(KernelTask current, Stage stage, Vm vm, long pages)
    {
        var create = new VmIoctl.CreateGuestMemfd(new(pages << Pages.Shift));
        var fd = await KvmMain.KvmVmIoctl(current, stage.Process(vm), vm, create);
        if (fd.IsErr) return fd.Errno;
        return await Open.KsysFallocate(current, stage.Files, fd.Value, FallocMode.KeepSize, 0, pages << Pages.Shift);
    }
}
