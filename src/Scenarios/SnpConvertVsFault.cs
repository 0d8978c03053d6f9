using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U16: a guest uses its private pages as shared ones, and user space converts them and frees others.</summary>
public sealed class SnpConvertVsFault : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-convert-vs-fault";

    /// <inheritdoc/>
    public override string Point => "What user space has to convert is nothing for the RMP's handler.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Warned(SnpBugs.RmpHandlerAfterExit, "sev_handle_rmp_fault: user space handles this fault");

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // Nothing but a zap ends that, and the hole may have been punched before.
        ExpectedFinding.Livelock(MmuBugs.FastPathForMismatch, "#NPF with the RMP bit"),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, file) = Guest(stage, stage.UserMemory(2));
        stage.SnpVcpu("vcpu0", vm, converts: true, [.. Use(Low), Access.Shared(Low), new GuestPvalidate(Low), Access.Private(Low)]);
        stage.SnpVcpu("vcpu1", vm, converts: true, [.. Use(High), Access.Shared(High)]);
        stage.PunchHoles("punch", file, PageRange.Of(0, 1), PageRange.Of(1, 1));

        if (stage.Kernel.Has(MmuBugs.FastPathForMismatch)) return;
        stage.Sometimes(Events.MemoryFaultExit);
        stage.Sometimes(Events.Converted);
    }
}
