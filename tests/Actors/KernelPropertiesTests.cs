using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

/// <summary>Each property fires on the smallest path that breaks it, and not on the nearest that does not.</summary>
public class KernelPropertiesTests
{
    private static readonly GfnRange Range = new(Lab.First, Lab.First + 1);

    private readonly Lab _lab = Lab.Bound();

    [Fact]
    public void An_end_without_a_begin_makes_the_count_negative()
    {
        Breaks(KernelProperties.NeverNegative, KvmMmuInvalidateEnd.Now);
    }

    [Fact]
    public void A_range_without_a_begin_is_outside()
    {
        Breaks(KernelProperties.AddedInside, new KvmMmuInvalidateRangeAdd(Range));
    }

    [Fact]
    public void An_end_without_a_range_is_noticed()
    {
        Breaks(KernelProperties.EndsWithRange, KvmMmuInvalidateBegin.Now, KvmMmuInvalidateEnd.Now);
    }

    [Fact]
    public void A_begin_without_an_end_is_left_in_progress()
    {
        Breaks(KernelProperties.NothingInProgress, KvmMmuInvalidateBegin.Now, new KvmMmuInvalidateRangeAdd(Range));
    }

    [Fact]
    public void Nested_invalidations_that_all_end_break_nothing()
    {
        Holds(
            KvmMmuInvalidateBegin.Now,
            new KvmMmuInvalidateRangeAdd(Range),
            KvmMmuInvalidateBegin.Now,
            new KvmMmuInvalidateRangeAdd(new(Lab.First + 1, Lab.First + 2)),
            KvmMmuInvalidateEnd.Now,
            KvmMmuInvalidateEnd.Now);
    }

    [Fact]
    public void A_mapping_of_a_free_frame_is_noticed()
    {
        Breaks(KernelProperties.MapsCached, Map(new(0x1007)));
    }

    [Fact]
    public void A_mapping_of_a_page_that_leaves_the_page_cache_is_noticed()
    {
        _lab.Touch(Lab.First);

        Fires(
            KernelProperties.MapsCached,
            _lab.Find(current => Truncate.TruncateInodePagesRange(current, _lab.Inode, 0, Lab.Page - 1)));
    }

    [Fact]
    public void A_mapping_of_another_inodes_page_is_noticed()
    {
        var vm = _lab.World.Add(new Vm("vm1", _lab.Vm.Machine, _lab.Vm.Frames));
        var inode = _lab.World.Add(new GmemInode("inode1", _lab.Vm.Machine, 1));
        var file = _lab.World.Add(new GmemFile("gmem1", vm, inode));
        inode.Add(file);
        _lab.Files.Open(file);
        _lab.Call(current => Open.VfsFallocate(current, file, FallocMode.KeepSize, 0, Lab.Page));

        Breaks(KernelProperties.MapsCached, Map(inode.Folios[0].Pfn));
    }

    [Fact]
    public void A_translation_of_a_page_that_leaves_the_page_cache_is_noticed()
    {
        _lab.Touch(Lab.First);

        Fires(KernelProperties.TlbsCached, _lab.Find(ZapUnderTheGuest));
    }

    [Fact]
    public void A_page_that_is_unmapped_and_then_freed_breaks_nothing()
    {
        _lab.Touch(Lab.First, Lab.First + 1);

        Assert.Equal(Errno.None, _lab.Punch(0, 2 * Lab.Page));
    }

    [Fact]
    public void A_memslot_that_is_freed_while_it_is_bound_is_noticed()
    {
        Fires(KernelProperties.BindingsLive, _lab.Find(FreeSlot));
    }

    [Fact]
    public void A_memslot_that_is_unbound_and_then_freed_breaks_nothing()
    {
        Assert.Equal(Errno.None, _lab.SetRegion(new(0, KvmMem.None, Lab.First.Value << Pages.Shift, 0)));
    }

    [Fact]
    public void A_file_that_is_freed_while_a_memslot_names_it_is_noticed()
    {
        Fires(KernelProperties.FilesLive, _lab.Find(async current => await current.Ask(_lab.File, KfreeGmem.Now)));
    }

    [Fact]
    public void A_file_that_is_released_breaks_nothing()
    {
        Assert.Equal(Errno.None, _lab.Close());
    }

    [Fact]
    public void A_guest_that_uses_a_free_frame_is_noticed()
    {
        Fires(
            KernelProperties.OwnMemory,
            _lab.Find(async current => await current.Ask(_lab.Memory, new GuestAccess(new(0x1007)))));
    }

    [Fact]
    public void A_guest_that_uses_its_memory_twice_breaks_nothing()
    {
        Assert.Equal(Errno.None, _lab.Touch(Lab.First, Lab.First));
    }

    [Fact]
    public void A_reference_that_is_not_given_back_is_noticed()
    {
        _lab.Touch(Lab.First);

        Fires(
            KernelProperties.FoliosBalance,
            _lab.Find(async current => await current.Ask(_lab.Inode, new FilemapGetEntry(new(0)))));
    }

    [Fact]
    public void A_reference_that_is_given_back_breaks_nothing()
    {
        _lab.Touch(Lab.First);

        Assert.Null(_lab.Find(GetAndPut));
    }

    [Fact]
    public void A_frame_that_nobody_knows_of_is_noticed()
    {
        Fires(
            KernelProperties.FramesBalance,
            _lab.Find(async current => await current.Ask(_lab.Memory, new AllocPage(_lab.Inode))));
    }

    [Fact]
    public void A_frame_that_is_allocated_and_freed_breaks_nothing()
    {
        Assert.Null(_lab.Find(AllocAndFree));
    }

    private static void Fires(string property, Finding? finding) =>
        Assert.Equal(property, Assert.IsType<PropertyBroken>(finding).Property);

    private void Breaks(string property, params Message[] messages) =>
        Fires(property, _lab.Find(current => Send(current, messages)));

    private void Holds(params Message[] messages) => Assert.Null(_lab.Find(current => Send(current, messages)));

    private async Path Send(KernelTask current, Message[] messages)
    {
        await current.Ask(_lab.Vm, KvmMmuLock.Exclusive);
        foreach (var message in messages)
        {
            if (message is Message<Done> update) await current.Ask(_lab.Vm, update);
            else await current.Ask(_lab.Vm, (Message<bool>)message);
        }

        await current.Ask(_lab.Vm, KvmMmuUnlock.Now);
    }

    private async Path FreeSlot(KernelTask current)
    {
        await current.Ask(_lab.Vm, SlotsLock.Now);
        await current.Ask(_lab.Vm, new KvmFreeMemslot(_lab.Slot!));
        await current.Ask(_lab.Vm, SlotsUnlock.Now);
    }

    private async Path GetAndPut(KernelTask current)
    {
        var pfn = await current.Ask(_lab.Inode, new FilemapGetEntry(new(0)));
        await Swap.FolioPut(current, _lab.Inode, pfn!.Value);
    }

    private async Path AllocAndFree(KernelTask current)
    {
        var pfn = await current.Ask(_lab.Memory, new AllocPage(_lab.Inode));
        await current.Ask(_lab.Memory, new FreePage(pfn!.Value));
    }

    private Message[] Map(Pfn pfn) =>
    [
        new TryCmpxchgSpte(_lab.Vcpu, Lab.First, PageLevel.Level2M, Spte.None, Spte.Table),
        new TryCmpxchgSpte(_lab.Vcpu, Lab.First, PageLevel.Level4K, Spte.None, Spte.Leaf(pfn, isPrivate: true)),
    ];

    private async Path ZapUnderTheGuest(KernelTask current)
    {
        await current.Ask(_lab.Vcpu.Cpu, EnterGuest.Now);
        await current.Ask(_lab.Vm, KvmMmuLock.Exclusive);
        await current.Ask(_lab.Vm, new TdpMmuZapNextLeaf(Range));
        await current.Ask(_lab.Vm, KvmMmuUnlock.Now);
        await Truncate.TruncateInodePagesRange(current, _lab.Inode, 0, Lab.Page - 1);
    }
}
