using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>User space gives pages back that a guest uses as shared memory, and deletes the memslot over them.</summary>
public sealed class MadviseVsFault : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "madvise-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "The mmu_notifier takes a page from the guest before it goes, and a swap of memslots waits for every notifier to end.";

    /// <inheritdoc/>
    public override ExpectedFinding? Shows => null;

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var mm = stage.UserMemory(2);
        var vm = stage.Vm("vm0", Low.Value, 2, mm);
        vm.Convert(vm.Frames, KvmMemoryAttributes.None);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, stage.Inode("inode0", 2)), PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Access.Shared(Low), Access.Shared(High));
        stage.Vcpu("vcpu1", vm, Access.Shared(High), Access.Shared(Low));
        stage.Task("madvise", async current =>
        {
            await Madvise.MadviseDontneedSingleVma(current, mm, PageRange.Of(0, 2));
            current.ReturnToUser("madvise");
        });
        stage.Task("vmm", current => Stage.DeleteMemslot(current, vm, stage.Files, 0, Low));

        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes("a memslot was deleted while a notifier was active", () => vm.IsNotifiedMeanwhile, vm);
    }
}
