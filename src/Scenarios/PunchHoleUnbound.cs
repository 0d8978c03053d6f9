using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>B2.1: a hole is punched where no memslot is bound, while the vCPUs fault elsewhere in the file.</summary>
public sealed class PunchHoleUnbound : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "punch-hole-unbound";

    /// <inheritdoc/>
    public override string Point =>
        "A hole where nothing is bound must leave no invalidation open, or every fault of the VM retries for ever.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(GuestMemfdBugs.BeginWithoutEnd, "mmu_invalidate_retry_gfn");

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // All faults were over before the hole was punched.
        ExpectedFinding.Broken(GuestMemfdBugs.BeginWithoutEnd, KernelProperties.NothingInProgress),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 4);
        var inode = stage.Inode("inode0", 4);
        var file = stage.Open("gmem0", vm, inode);
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, High);
        stage.Vcpu("vcpu1", vm, High, Low);
        stage.Task("vmm", current => AllocateAndPunch(current, file));

        stage.SometimesFaultsMeanwhile(vm, inode);
    }

    private static async Path AllocateAndPunch(KernelTask current, GmemFile file)
    {
        var unbound = PageRange.Of(2, 2);
        await Stage.Fallocate(current, file, FallocMode.KeepSize, unbound);
        await Stage.Fallocate(current, file, FallocMode.KeepSize | FallocMode.PunchHole, unbound);
    }
}
