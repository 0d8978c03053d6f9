using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U32: a trust domain ends while its last files are closed.</summary>
public sealed class TdxDestroy : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-destroy";

    /// <inheritdoc/>
    public override string Point =>
        "The mirror root must be zapped with mmu_lock held for write, or the S-EPT's pages are lost.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.UninitUnderReadLock, TdxProperties.NeverBugged);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, file) = Bind(stage);
        stage.AddPage(vm, file.Inode, new(0), Low);
        var (vcpu, fd) = (stage.CreateVcpu(vm), stage.OpenVm(vm));
        stage.Task("vcpu0", current => RunAndClose(current, vcpu, stage.Files, fd));
        stage.Task("close", current => Open.Close(current, stage.Files, 0));

        stage.Sometimes("the VM is gone", () => vm.IsFreed, vm);
    }

    // KVM_RUN, then the descriptors of the vCPU and the VM go.
    private static async Path RunAndClose(KernelTask current, Vcpu vcpu, FilesStruct files, int fd)
    {
        await Stage.RunVcpu(current, vcpu, [Access.Private(Low)]);
        await Open.Close(current, files, fd);
    }
}
