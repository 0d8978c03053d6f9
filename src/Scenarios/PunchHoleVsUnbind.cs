using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>B2.6: a memslot is deleted and created again while a hole is punched into its pages.</summary>
public sealed class PunchHoleVsUnbind : Scenario
{
    private static readonly Gfn Low = new(0x100);
    private static readonly Gfn High = new(0x101);

    /// <inheritdoc/>
    public override string Name => "punch-hole-vs-unbind";

    /// <inheritdoc/>
    public override string Point =>
        "Bindings must hold still from begin to end, or an invalidation stays open for ever or is closed twice.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Livelock(GuestMemfdBugs.BindingsNotFrozen, "mmu_invalidate_retry_gfn_unsafe");

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // The slot was bound in between, not unbound.
        ExpectedFinding.Broken(GuestMemfdBugs.BindingsNotFrozen, KernelProperties.NeverNegative),

        // The slot was bound in between, after a begin that had found nothing.
        ExpectedFinding.Broken(GuestMemfdBugs.BeginWithoutEnd, KernelProperties.EndsWithRange),

        // The hole was punched while the slot was away: B2.1.
        ExpectedFinding.Livelock(GuestMemfdBugs.BeginWithoutEnd, "mmu_invalidate_retry_gfn"),

        // The same, and the range of a later hole was added to the invalidation that stays open.
        ExpectedFinding.Livelock(GuestMemfdBugs.BeginWithoutEnd, "mmu_invalidate_retry_gfn_unsafe"),
        ExpectedFinding.Broken(GuestMemfdBugs.BeginWithoutEnd, KernelProperties.NothingInProgress),
        ExpectedFinding.Broken(GuestMemfdBugs.BindingsNotFrozen, KernelProperties.NothingInProgress),
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.MapsCached),

        // The same, but the SPTE went with the memslot, and the guest still had the translation.
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, KernelProperties.OwnMemory),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2);
        var inode = stage.Inode("inode0", 2);
        var file = stage.Open("gmem0", vm, inode);
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, High);
        var vcpu = stage.CreateVcpu(vm);
        stage.Task("vmm", current => Rebind(current, vcpu, stage.Files));
        stage.PunchHoles("punch", file, PageRange.Of(0, 1), PageRange.Of(1, 1), PageRange.Of(0, 2));

        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes(Events.MemoryFaultExit);
        stage.Sometimes(
            "the memslot went while a hole was punched",
            () => vm.MemslotIsGoing(Low) && inode.InvalidateLock.Writer is not null,
            vm,
            inode);
        stage.SometimesFaultsMeanwhile(vm, inode);
    }

    // The guest uses its memory again as soon as it has it back.
    private static async Path Rebind(KernelTask current, Vcpu vcpu, FilesStruct files)
    {
        var vm = vcpu.Vm;
        var size = 2ul << Pages.Shift;
        var address = Low.Value << Pages.Shift;
        await Stage.DeleteMemslot(current, vm, files, 0, Low);
        var created = await KvmMain.KvmVmIoctlSetMemoryRegion(
            current, vm, files, new(0, KvmMem.GuestMemfd, address, size, GuestMemfd: 0));
        Check.That(created == Errno.None);
        await Stage.RunVcpu(current, vcpu, [Low, High]);
    }
}
