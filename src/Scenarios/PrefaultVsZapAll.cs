using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>O1: memory is prefaulted while another memslot is deleted, which makes all roots invalid.</summary>
public sealed class PrefaultVsZapAll : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "prefault-vs-zap-all";

    /// <inheritdoc/>
    public override string Point => "A prefault must load a new root when its own was made invalid, or it tries again for ever.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(MmuBugs.PrefaultRetriesObsoleteRoot, "is_obsolete_sp");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2, stage.UserMemory(2), VmType.Default);
        vm.AddMemslot(0, new(Low, Low + 1), 0);
        vm.AddMemslot(1, new(High, High + 1), Pages.Size);
        stage.Vcpu("vcpu0", vm, Access.Shared(High), Access.Shared(High));
        var vcpu = stage.CreateVcpu(vm);
        stage.Task("prefault", current => Prefault(current, vcpu));
        stage.Task("vmm", current => Stage.DeleteMemslot(current, vm, stage.Files, 0, Low, KvmMem.None));

        stage.Sometimes(Events.RootReloaded);
        stage.Sometimes(Events.FaultRetried);
    }

    private static async Path Prefault(KernelTask current, Vcpu vcpu) =>
        await KvmMain.KvmVcpuPreFaultMemory(current, vcpu, High.Value << Pages.Shift, Pages.Size);
}
