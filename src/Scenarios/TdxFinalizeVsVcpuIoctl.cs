using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U9: a trust domain is finalized while a vCPU of it is used.</summary>
public sealed class TdxFinalizeVsVcpuIoctl : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-finalize-vs-vcpu-ioctl";

    /// <inheritdoc/>
    public override string Point =>
        "Who locks all vCPUs holds kvm->lock, so that no vCPU's ioctl may take it inside its own lock.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Deadlock(TdxBugs.VcpuIoctlTakesKvmLock, "kvm_lock kvm->lock; vcpu_lock vcpu->mutex");

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        .. base.MayShow,

        // A prefault of a trust domain that is not finalized has no source for PAGE.ADD.
        ExpectedFinding.Broken(SnpBugs.PrefaultBeforeLaunch, TdxProperties.NeverBugged),
        ExpectedFinding.LockOrder(TdxBugs.VcpuIoctlTakesKvmLock, "kvm->lock > vcpu->mutex; vcpu->mutex > kvm->lock"),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, _) = Bind(stage, isFinalized: false);
        var vcpu = stage.CreateVcpu(vm);
        stage.Task("vmm", current => Tdx.TdxVmIoctl(current, vm, new KvmTdxCmd.FinalizeVm()));
        stage.Task("prefault", current => Prefault(current, vcpu));

        stage.Sometimes("the trust domain can run", () => vm.IsPreFaultAllowed, vm);
    }

    private static async Path Prefault(KernelTask current, Vcpu vcpu) =>
        await KvmMain.KvmVcpuPreFaultMemory(current, vcpu, Low.Value << Pages.Shift, Pages.Size);
}
