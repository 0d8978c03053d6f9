using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>Frames are converted between private and shared while vCPUs use them both ways.</summary>
public sealed class ConvertVsFault : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "convert-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "A conversion takes the old mappings away, and a fault that looked before it must retry: no frame stays mapped as what it was.";

    /// <inheritdoc/>
    public override ExpectedFinding? Shows => null;

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2, stage.UserMemory(2));
        var inode = stage.Inode("inode0", 2);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, inode), PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, Access.Shared(High), High);
        stage.Vcpu("vcpu1", vm, High, Access.Shared(Low));
        stage.Task("vmm", async current =>
        {
            await Convert(current, vm, vm.Frames, toPrivate: false);
            await Convert(current, vm, new(Low, High), toPrivate: true);
        });

        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes(Events.MemoryFaultExit);
        stage.Sometimes(
            "one frame is mapped private and the other shared",
            () => vm.Maps(Low) is { } low && vm.Maps(High) is { } high && inode.Caches(low) != inode.Caches(high),
            vm,
            inode);
    }

    private static async Path Convert(KernelTask current, Vm vm, GfnRange range, bool toPrivate)
    {
        var errno = await KvmMain.KvmVmIoctlSetMemAttributes(current, vm, MemoryAttributesRequest.Convert(range, toPrivate));
        current.ReturnToUser("KVM_SET_MEMORY_ATTRIBUTES");
        Check.That(errno == Errno.None);
    }
}
