using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U1: an SNP guest is launched with a source that is a shared page of the same file.</summary>
public sealed class InplacePopulateVsUserFault : InplaceScenario
{
    /// <inheritdoc/>
    public override string Name => "inplace-populate-vs-user-fault";

    /// <inheritdoc/>
    public override string Point => "Populate must have its source before it takes filemap_invalidate_lock: a fault of a user takes that under mmap_lock.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Deadlock(GuestMemfdBugs.PopulateCopiesUnderLock, "filemap_invalidate_lock filemap_invalidate_lock");

    /// <inheritdoc/>
    // U25 has the copy under the lock too.
    public override IReadOnlyList<ExpectedFinding> MayShow =>
        [ExpectedFinding.Deadlock(SnpBugs.PopulateLeaksMapping, "filemap_invalidate_lock filemap_invalidate_lock")];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var vm = stage.SnpVm("vm0", Low.Value, 2, stage.UserMemory(0), isLaunched: false);
        stage.SnpVcpu(vm);
        var inode = stage.Inode("inode0", 2, GuestMemfdKind.Mmap);
        inode.Convert(PageRange.Of(1, 1), KvmMemoryAttributes.None);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, inode), PageRange.Of(0, 2));
        stage.Task("launch", Launch);
        stage.Task("user", Use);

        stage.Sometimes(Events.BroughtIn);
        if (!stage.Kernel.Has(GuestMemfdBugs.PopulateCopiesUnderLock)) stage.Sometimes("the guest is launched", () => vm.IsLaunched, vm);

        async Path Launch(KernelTask current)
        {
            if (await Map(current, stage, vm) is not { } vma) return;
            var source = vma.Pages.Start.Value + 1;
            await SnpLaunch.Of(current, vm, new(Low, source << Pages.Shift, Pages.Size));
        }

        async Path Use(KernelTask current)
        {
            if (await Map(current, stage, vm) is not { } vma) return;
            await UserProgram.Use(current, vma.Mm, vma.Pages.Start.Value + 1, isWrite: true);
        }
    }
}
