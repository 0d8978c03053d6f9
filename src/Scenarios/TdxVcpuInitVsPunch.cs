using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>A vCPU of a trust domain is initialised while a hole is punched.</summary>
public sealed class TdxVcpuInitVsPunch : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-vcpu-init-vs-punch";

    /// <inheritdoc/>
    public override string Point =>
        "TDH.VP.INIT, which needs the root alone, must keep zaps out, or one of the two dies of a busy lock.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.VpInitWithoutMmuLock, TdxProperties.NeverBugged);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, file) = Bind(stage, isFinalized: false);
        stage.AddPage(vm, file.Inode, new(0), Low);
        var vcpu = stage.CreateVcpu(vm, isInitialized: false);
        stage.Task("vmm", current => Tdx.TdxVcpuUnlockedIoctl(current, vcpu, new KvmTdxCmd.InitVcpu()));
        stage.PunchHoles("punch", file, PageRange.Of(0, 1));

        stage.Sometimes("a hole was punched while all of the VM's locks were held", () => vm.IsInZap && vm.SlotsMutex.Writer is not null, vm);
    }
}
