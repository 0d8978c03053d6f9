using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B0.2, B0.8: a hole of one page is punched into 2M that a guest has used.</summary>
/// <remarks>No race: the vCPU is in user space, so that nobody else refers to the folio, which is another bug's.</remarks>
public sealed class HugePunchVsRun : HugeScenario
{
    /// <inheritdoc/>
    public override string Name => "huge-punch-vs-run";

    /// <inheritdoc/>
    public override string Point => "A hole in a large folio must not zero what is the guest's: only .free_folio takes it back.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.ZeroPartialFolio, SnpProperties.HostLives);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var vm = stage.SnpVm("vm0", First.Value, PageLevels.PagesPer2M);
        var file = Open(stage, vm);
        var pfn = file.Inode.AllocateHuge(new(0));
        stage.Prepare(vm, First, pfn, PageLevel.Level2M);
        var vcpu = stage.SnpVcpu(vm);
        stage.Task("vmm", RunThenPunch);

        SometimesHuge(stage, vm);
        stage.Sometimes(Events.FolioSplit);

        async Path RunThenPunch(KernelTask current)
        {
            await Stage.RunVcpu(current, vcpu, [First, First + 2]);
            await Stage.Fallocate(current, file, FallocMode.KeepSize | FallocMode.PunchHole, PageRange.Of(1, 1));
            await Stage.RunVcpu(current, vcpu, [First + 2]);
        }
    }
}
