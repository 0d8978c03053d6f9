using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B0.5: a guest goes on in another VM with the same memory, and the first VM's file is closed.</summary>
public sealed class SnpCloseVsFault : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-close-vs-fault";

    /// <inheritdoc/>
    public override string Point => "The release of a file must leave memory alone: another file on the inode has it for the same guest.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.ReleaseResets, SnpProperties.MapsAssigned);

    /// <inheritdoc/>
    // Where a lookup prepares, it walks all files of the inode without a lock: that relies on there being one.
    public override IReadOnlyList<KernelVersion> Kernels { get; } =
        [.. KernelVersion.WithVmAttributes.Where(kernel => kernel.HasSnp && kernel.Prepares != GmemPrepare.AtLookup)];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm0, file) = Guest(stage);
        var vm1 = stage.SnpVm("vm1", Low.Value, 2, asid: vm0.Asid);
        vm1.AddMemslot(0, Low, stage.Open("gmem1", vm1, file.Inode), PageRange.Of(0, 2));
        stage.SnpVcpu("vcpu1", vm1, converts: false, Use(Low, High));
        stage.Task("close", current => Open.Close(current, stage.Files, 0));

        stage.SometimesFaultsMeanwhile(vm1, file.Inode);
    }
}
