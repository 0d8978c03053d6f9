using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>A guest starts a vCPU at a VMSA that it has made, and the VMSA's page is punched.</summary>
public sealed class SnpVmsaVsPunch : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-vmsa-vs-punch";

    /// <inheritdoc/>
    public override string Point => "A vCPU must be told when the page of its VMSA goes, or it enters the guest with memory that is somebody else's.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.VmsaNotTold, SnpProperties.VmsaCached);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // The vCPU was in the guest when its VMSA was taken back, which fails: the page is in use.
        ExpectedFinding.Broken(SnpBugs.VmsaNotTold, SnpProperties.ResetSucceeds),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, file) = Guest(stage);

        // The guest has written its VMSA before.
        stage.Rmp.Set(file.Inode.Allocate(new(1)), RmpState.Private(vm.Asid, High), validated: true, vmsa: true);
        stage.SnpVcpu("vcpu0", vm, converts: false, new GuestApCreate(1, High));
        var vcpu1 = stage.SnpVcpu("vcpu1", vm, converts: false, [.. Use(Low), Low, Low, Low, Low, Low, Low]);
        stage.PunchHoles("punch", file, PageRange.Of(1, 1), PageRange.Of(1, 1));

        stage.Sometimes("a vCPU began at a VMSA of its guest", () => vcpu1.HasGuestVmsa, vcpu1);
        if (!stage.Kernel.Has(SnpBugs.VmsaNotTold)) stage.Sometimes(Events.VmsaReloaded);
    }
}
