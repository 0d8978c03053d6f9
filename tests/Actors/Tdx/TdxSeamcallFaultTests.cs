using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using FaultKind = GmemActors.Actors.FaultKind;

namespace GmemActors.Tests.Actors.Tdx;

public class TdxSeamcallFaultTests
{
    [Fact]
    public void A_page_that_cannot_be_removed_bugs_the_VM_and_goes_back_to_the_allocator_all_the_same()
    {
        SortedSet<string> bugs = [];
        var freed = 0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = TdLab.Runnable(faults: new(FaultKind.Seamcall, Interval: 4), seed: seed);
            lab.AddPages();
            lab.Stage.FinishTds(isWatched: false);
            var pfn = lab.Vm.Mirror!.Leaves[0].Pfn;

            lab.Find(current => Open.VfsFallocate(current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, 0, Pages.Size));

            if (lab.Vm.BuggedBy is not { } bug) continue;
            bugs.Add(bug.Split(' ')[1]);
            if (lab.Module.OwnerOf(pfn) is not null && lab.Memory.OwnerOf(pfn) is null) freed++;
        }

        Assert.Equal(["TDH_MEM_PAGE_REMOVE", "TDH_MEM_RANGE_BLOCK", "TDH_MEM_TRACK", "TDH_PHYMEM_PAGE_WBINVD"], bugs);

        // Truncation does not hear of it: the page is in two hands, which is what the property is there to find.
        Assert.NotEqual(0, freed);
    }

    [Fact]
    public void A_page_that_cannot_be_mapped_bugs_the_VM_and_the_vCPU_leaves()
    {
        SortedSet<Errno> ends = [];
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = TdLab.Runnable(faults: new(FaultKind.Seamcall, Interval: 2), seed: seed);
            var vcpu = lab.NewVcpu();
            lab.Stage.FinishTds(isWatched: false);
            var errno = Errno.None;

            lab.Find(async current => errno = await GmemActors.Scenarios.Stage.RunVcpu(current, vcpu, [new AcceptPage(TdLab.Low)]));

            Assert.Equal(lab.Vm.BuggedBy is null ? Errno.None : Errno.EIO, errno);
            ends.Add(errno);
        }

        Assert.Equal([Errno.None, Errno.EIO], ends);
    }
}
