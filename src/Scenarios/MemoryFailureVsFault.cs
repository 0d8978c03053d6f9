using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U4, U45: the memory of a page fails while vCPUs use it.</summary>
public sealed class MemoryFailureVsFault : Scenario
{
    private static readonly Gfn Low = new(0x100);

    /// <inheritdoc/>
    public override string Name => "memory-failure-vs-fault";

    /// <inheritdoc/>
    public override string Point => "A page whose memory has failed must never be mapped again, and whoever finds it must give its reference back.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(GuestMemfdBugs.HwpoisonKeepsReference, KernelProperties.FoliosBalance);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var machine = stage.MemoryMayFail();
        var vm = stage.Vm("vm0", Low.Value, 2);
        var inode = stage.Inode("inode0", 2);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, inode), PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, Low + 1);
        stage.Vcpu("vcpu1", vm, Low + 1, Low);
        stage.Task("mce", current => MemoryFailure.Handle(current, machine, inode, new(0)));
        stage.Sometimes(Events.MemoryFaultExit);
    }
}
