using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B1.8: a vCPU faults while user space allocates.</summary>
public sealed class SnpAllocateVsFault : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-allocate-vs-fault";

    /// <inheritdoc/>
    public override string Point => "Whether a page was there before, the RMP says: to look the folio up and lock it again waits for oneself.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => new(SnpBugs.ProbeLocksFolio, "deadlock", "folio_lock folio_lock");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, file) = Guest(stage);
        stage.SnpVcpu("vcpu0", vm, converts: false, Use(Low));
        stage.Task("allocate", current => Stage.Fallocate(current, file, FallocMode.KeepSize, PageRange.Of(0, 2)));

        stage.Sometimes("a folio was there before the fault", () => file.Inode.HasPages && vm.Maps(Low) is null, file.Inode, vm);
    }
}
