using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U13: the last files of the last VM are closed while somebody wants to unload KVM.</summary>
public sealed class UnloadVsClose : Scenario
{
    /// <inheritdoc/>
    public override string Name => "unload-vs-close";

    /// <inheritdoc/>
    public override string Point => "A gmem file must keep its module loaded until its release is over, or code is freed that still runs.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.FileWithoutOwner, LifetimeProperties.ModuleLoaded);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // The release begins an invalidation where nothing is bound: the WARN that was added for this bug.
        ExpectedFinding.Warned(GuestMemfdBugs.BeginWithoutEnd, "kvm_destroy_vm: mmu_invalidate_in_progress is not 0"),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var module = stage.LoadModule();
        var vm = stage.Vm("vm0", 0x100, 2);
        stage.Open("gmem0", vm, stage.Inode("inode0", 1));
        var fd = stage.OpenVm(vm);
        stage.Task("gmem", current => Open.Close(current, stage.Files, 0));
        stage.Task("vm", current => Open.Close(current, stage.Files, fd));
        stage.Task("rmmod", current => Unload(current, module));
        stage.Sometimes("the release of a gmem file destroys its VM", () => vm.IsFreed, vm);
    }

    private static async Path Unload(KernelTask current, Module module)
    {
        while (await ModuleMain.DeleteModule(current, module) != Errno.None) current.Retry("delete_module: EWOULDBLOCK");
    }
}
