using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U2: a memslot is deleted while the last descriptor of its file is closed.</summary>
public sealed class DeleteSlotVsClose : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "delete-slot-vs-close";

    /// <inheritdoc/>
    public override string Point =>
        "A memslot must be unbound from a dying file too, or its release writes a memslot that is freed.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.UnbindDyingFile, KernelProperties.BindingsLive);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // The memslot was unbound before the release came to begin and end.
        ExpectedFinding.Broken(GuestMemfdBugs.BeginWithoutEnd, KernelProperties.NothingInProgress),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2);
        var inode = stage.Inode("inode0", 2);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, inode), PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, High);
        stage.Task("vmm", current => Stage.DeleteMemslot(current, vm, stage.Files, 0, Low));
        stage.Task("close", current => Open.Close(current, stage.Files, 0));

        stage.Sometimes(Events.UnboundDying);
        stage.Sometimes(Events.MemoryFaultExit);
    }
}
