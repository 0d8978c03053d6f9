using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B1.1: pages are allocated and freed, and a guest uses some of them meanwhile.</summary>
public sealed class SnpAllocateVsPunch : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-allocate-vs-punch";

    /// <inheritdoc/>
    public override string Point => "A page that was allocated and never used is the host's when it is freed: there is nothing to take back.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Warned(SnpBugs.FreeExpectsAssigned, "sev_gmem_invalidate: the page is not assigned");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, file) = Guest(stage);
        stage.SnpVcpu("vcpu0", vm, converts: false, Use(Low));
        stage.Task("allocate", current => Stage.Fallocate(current, file, FallocMode.KeepSize, PageRange.Of(0, 2)));
        stage.PunchHoles("punch", file, PageRange.Of(0, 2));

        stage.SometimesFaultsMeanwhile(vm, file.Inode);
    }
}
