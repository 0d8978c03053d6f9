using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class FaultTests
{
    private const FallocMode Hole = FallocMode.KeepSize | FallocMode.PunchHole;

    [Fact]
    public void A_fault_allocates_clears_and_maps_the_page()
    {
        var lab = Lab.Bound();

        Assert.Equal(Errno.None, lab.Touch(Lab.First + 1));

        var folio = Assert.Single(lab.Inode.Folios);
        Assert.Equal(new Pgoff(1), folio.Index);
        Assert.Equal(folio.Pfn, lab.Vm.Maps(Lab.First + 1));
        Assert.True(folio.IsUptodate);
        Assert.Equal(1, folio.RefCount);
    }

    [Fact]
    public void A_page_that_is_mapped_does_not_fault()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);
        var before = lab.World.Step;

        lab.Touch(Lab.First);

        Assert.Equal(12, lab.World.Step - before);
    }

    [Fact]
    public void Without_a_memslot_a_private_access_leaves_to_user_space()
    {
        Assert.Equal(Errno.EFAULT, new Lab().Touch(Lab.First));
    }

    [Fact]
    public void In_a_memslot_without_gmem_a_private_access_leaves_to_user_space()
    {
        var lab = new Lab();
        lab.SetRegion(new(0, KvmMem.None, Lab.First.Value << Pages.Shift, Pages.Size));

        Assert.Equal(Errno.EFAULT, lab.Touch(Lab.First));
    }

    [Fact]
    public void Without_memory_a_fault_says_so()
    {
        var lab = Lab.Bound(pages: 16);
        lab.Fallocate(FallocMode.KeepSize, 2 * Lab.Page, 8 * Lab.Page);

        Assert.Equal(Errno.ENOMEM, lab.Touch(Lab.First));
    }

    [Theory]
    [InlineData("6.12", false)]
    [InlineData("7.2", true)]
    public void The_newest_version_drops_the_faults_page_before_the_lock(string kernel, bool underLock)
    {
        var lab = Lab.Bound(kernel: KernelVersion.Find(kernel));
        var seen = 0;
        lab.World.Always(
            "seen",
            () =>
            {
                seen += lab.Vm.Maps(Lab.First) is not null && lab.Vm.HasFaultInMmu && lab.Inode.Folios[0].RefCount == 1 ? 1 : 0;
                return null;
            },
            lab.Inode);

        lab.Touch(Lab.First);

        Assert.Equal(underLock, seen > 0);
    }

    [Fact]
    public void The_guest_reads_zero_where_a_hole_was()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);
        lab.Punch(0, Lab.Page);

        Assert.Equal(Errno.None, lab.Touch(Lab.First));
        Assert.Null(lab.Memory.Misuse);
    }

    [Fact]
    public void A_fault_during_an_invalidation_retries_until_it_ends()
    {
        var lab = Lab.Bound();
        lab.World.Sometimes(Events.FaultRetried, null);
        lab.Spawn("hole", current => InvalidateSlowly(current, lab));
        lab.SpawnVcpu("vcpu0", Lab.First);

        Assert.Null(lab.Run());

        Assert.True(lab.World.Properties[^1].Seen);
        Assert.NotNull(lab.Vm.Maps(Lab.First));
    }

    [Fact]
    public void A_hole_waits_until_no_guest_has_the_translation()
    {
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            lab.Touch(Lab.First);
            lab.Spawn("guest", current => UseSlowly(current, lab));
            lab.Spawn("punch", async current => await Open.VfsFallocate(current, lab.File, Hole, 0, Lab.Page));

            Assert.Null(lab.Run());
        }
    }

    [Fact]
    public void An_invalidation_that_never_ends_is_a_livelock()
    {
        var lab = Lab.Bound();
        lab.Spawn("hole", current => BeginOnly(current, lab, new(Lab.First, Lab.First + 1)));
        lab.SpawnVcpu("vcpu0", Lab.First, Lab.First + 1);

        var livelock = Assert.IsType<Livelock>(lab.Run());

        Assert.Equal("mmu_invalidate_retry_gfn_unsafe", livelock.Cause);
    }

    [Fact]
    public void A_lookup_that_waited_for_a_page_that_was_freed_looks_again()
    {
        var seen = 0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            lab.Fallocate(FallocMode.KeepSize, 0, Lab.Page);
            lab.World.Sometimes(Events.FoundTruncated, null);
            lab.Spawn("truncate", current => Truncate.TruncateInodePagesRange(current, lab.Inode, 0, Lab.Page - 1));
            lab.Spawn("lookup", current => LookUp(current, lab));

            Assert.Null(lab.Run());
            seen += lab.World.Properties[^1].Seen ? 1 : 0;
        }

        Assert.InRange(seen, 1, 199);
    }

    [Fact]
    public void Two_vCPUs_that_fault_on_one_page_map_it_once()
    {
        var seen = 0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            lab.World.Sometimes(Events.FaultSpurious, null);
            lab.SpawnVcpu("vcpu0", Lab.First);
            lab.SpawnVcpu("vcpu1", Lab.First);

            Assert.Null(lab.Run());
            Assert.Single(lab.Inode.Folios);
            seen += lab.World.Properties[^1].Seen ? 1 : 0;
        }

        Assert.InRange(seen, 1, 199);
    }

    private static async Path LookUp(KernelTask current, Lab lab)
    {
        var folio = await Filemap.FilemapGetFolio(current, lab.Inode, new(0));
        await current.Ask(lab.Inode, new FolioUnlock(folio.Value));
        await Swap.FolioPut(current, lab.Inode, folio.Value);
    }

    private static async Path UseSlowly(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Vcpu.Cpu, EnterGuest.Now);
        var spte = await current.Ask(lab.Vm, new ReadSpte(lab.Vcpu, Lab.First, PageLevel.Level4K));
        for (var i = 0; i < 50; i++) await current.Ask(lab.Vm, ReadMmuInvalidateSeq.Now);
        if (spte.IsLeaf) await current.Ask(lab.Memory, new GuestAccess(spte.Pfn));
        await current.Ask(lab.Vcpu.Cpu, ExitGuest.Now);
    }

    private static async Path InvalidateSlowly(KernelTask current, Lab lab)
    {
        await BeginOnly(current, lab, new(Lab.First, Lab.First + 1));
        for (var i = 0; i < 100; i++) await current.Ask(lab.Vm, ReadMmuInvalidateSeq.Now);
        await current.Ask(lab.Vm, KvmMmuLock.Exclusive);
        await current.Ask(lab.Vm, KvmMmuInvalidateEnd.Now);
        await current.Ask(lab.Vm, KvmMmuUnlock.Now);
    }

    private static async Path BeginOnly(KernelTask current, Lab lab, GfnRange range)
    {
        await current.Ask(lab.Vm, KvmMmuLock.Exclusive);
        await current.Ask(lab.Vm, KvmMmuInvalidateBegin.Now);
        await current.Ask(lab.Vm, new KvmMmuInvalidateRangeAdd(range));
        await current.Ask(lab.Vm, KvmMmuUnlock.Now);
    }
}
