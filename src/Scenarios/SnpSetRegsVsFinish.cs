using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U9: a launch measures a vCPU's registers while they are set.</summary>
public sealed class SnpSetRegsVsFinish : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-set-regs-vs-finish";

    /// <inheritdoc/>
    public override string Point => "What is measured must hold still: every vCPU is locked while its VMSA is made.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.MeasureWithoutVcpuLocks, SnpProperties.RegsMeasured);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2), isLaunched: false);
        var (vcpu0, vcpu1) = (stage.SnpVcpu(vm), stage.SnpVcpu(vm));
        stage.Task("launch", Launch);
        stage.Task("set-regs0", current => Set(current, vcpu0));
        stage.Task("set-regs1", current => Set(current, vcpu1));

        stage.Sometimes(TooLate);

        async Path Launch(KernelTask current) => await SnpLaunch.Of(current, vm, new(Low, 0, length: 0));
    }

    private const string TooLate = "registers were set too late";

    private static async Path Set(KernelTask current, Vcpu vcpu)
    {
        for (var regs = 1; regs <= 4; regs++)
        {
            if (await KvmMain.KvmVcpuIoctlSetRegs(current, vcpu, regs) != Errno.None) current.Mark(TooLate);
        }
    }
}
