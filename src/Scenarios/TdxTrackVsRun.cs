using GmemActors.Actors;

namespace GmemActors.Scenarios;

/// <summary>A hole is punched while a vCPU of a trust domain runs.</summary>
public sealed class TdxTrackVsRun : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-track-vs-run";

    /// <inheritdoc/>
    public override string Point =>
        "After TDH.MEM.TRACK every vCPU must leave the guest, or the page cannot be removed.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.TrackWithoutKick, TdxProperties.NeverBugged);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, file) = Bind(stage);
        stage.AddPage(vm, file.Inode, new(0), Low);
        stage.AddPage(vm, file.Inode, new(1), High);
        stage.Vcpu("vcpu0", vm, Access.Private(High), Access.Private(High), Access.Private(High));
        stage.PunchHoles("punch", file, PageRange.Of(0, 1));

        stage.Sometimes("the guest ran while a page was blocked", () => vm.Vcpus[0].Cpu.InGuestMode && vm.IsInZap, vm);
    }
}
