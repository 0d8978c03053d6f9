using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>Memory is prefaulted for a vCPU that has not run since a memslot was deleted.</summary>
public sealed class PrefaultObsoleteRoot : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "prefault-obsolete-root";

    /// <inheritdoc/>
    public override string Point => "A prefault must not use a root that was made invalid before it began.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(MmuBugs.PrefaultKeepsObsoleteRoot, "is_obsolete_sp");

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2, stage.UserMemory(2), VmType.Default);
        vm.AddMemslot(0, new(Low, Low + 1), 0);
        vm.AddMemslot(1, new(High, High + 1), Pages.Size);
        var vcpu = stage.CreateVcpu(vm);
        stage.Task("vmm", current => DeleteThenPrefault(current, vcpu, stage.Files));
        if (!stage.Kernel.Has(MmuBugs.PrefaultKeepsObsoleteRoot)) stage.Sometimes(Events.RootReloaded);
    }

    private static async Path DeleteThenPrefault(KernelTask current, Vcpu vcpu, FilesStruct files)
    {
        await Stage.DeleteMemslot(current, vcpu.Vm, files, 0, Low, KvmMem.None);
        await KvmMain.KvmVcpuPreFaultMemory(current, vcpu, High.Value << Pages.Shift, Pages.Size);
        await Stage.RunVcpu(current, vcpu, [Access.Shared(High)]);
    }
}
