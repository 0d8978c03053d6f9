using GmemActors.Actors;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B0.6: a hole is punched into pages that a trust domain reads.</summary>
public sealed class TdxPunchVsRead : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-punch-vs-read";

    /// <inheritdoc/>
    public override string Point =>
        "The host must not write a page that a trust domain has, or the domain reads poison.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.ZeroThroughWrongKey, TdxProperties.WrittenByGuest);

    /// <inheritdoc/>
    protected override StageOptions Machine => base.Machine with { Hardware = new() { TdxPartialWriteErratum = true } };

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var (vm, file) = Bind(stage);
        stage.AddPage(vm, file.Inode, new(0), Low);
        stage.Vcpu("vcpu0", vm, Access.Private(Low), Access.Private(Low));
        stage.PunchHoles("punch", file, PageRange.Of(0, 1));

        stage.Sometimes("the guest ran while the hole was punched", () => vm.Vcpus[0].Cpu.InGuestMode && file.Inode.InvalidateLock.Writer is not null, vm, file.Inode);
    }
}
