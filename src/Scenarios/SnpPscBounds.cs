using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U18: a guest changes the state of pages with a short buffer, whose end another vCPU moves.</summary>
public sealed class SnpPscBounds : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-psc-bounds";

    /// <inheritdoc/>
    public override string Point => "The end of the guest's buffer is the guest's word: it must be held against the buffer that it gave.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Warned(SnpBugs.PscTrustsEndEntry, "BUG: KASAN: slab-out-of-bounds in snp_begin_psc");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2));
        var vcpu = stage.SnpVcpu("vcpu0", vm, converts: false, new GuestPsc([new(Low, PscOperation.Shared), new(Low, PscOperation.Private)]));
        stage.SnpVcpu("vcpu1", vm, converts: false, [.. Enumerable.Repeat(new GuestScribble(vcpu.Ghcb!, null, EndEntry: 5), 4)]);

        stage.Sometimes(Events.PscBatch);
        if (!stage.Kernel.Has(SnpBugs.PscTrustsEndEntry)) stage.Sometimes(Events.PscRefused);
    }
}
