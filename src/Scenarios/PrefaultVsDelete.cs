using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U7: a memslot is deleted while user space has its memory mapped in advance.</summary>
public sealed class PrefaultVsDelete : Scenario
{
    private const ulong Size = 2ul << Pages.Shift;

    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "prefault-vs-delete";

    /// <inheritdoc/>
    public override string Point =>
        "A prefault must give up on a memslot that is being deleted, or the two wait for each other for ever.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Livelock(MmuBugs.PrefaultRetriesInvalidSlot, "KVM_MEMSLOT_INVALID");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2);
        var inode = stage.Inode("inode0", 2);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, inode), PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, High, Low);
        var vcpu = stage.CreateVcpu(vm);
        stage.Task("prefault", current => Prefault(current, vcpu));
        stage.Task("vmm", current => Stage.DeleteMemslot(current, vm, stage.Files, 0, Low));

        stage.Sometimes(Events.FaultRetried);
        if (stage.Kernel.HasPreFault) stage.Sometimes(Events.PrefaultedInvalid);
    }

    private static async Path Prefault(KernelTask current, Vcpu vcpu) =>
        await KvmMain.KvmVcpuPreFaultMemory(current, vcpu, Low.Value << Pages.Shift, Size);
}
