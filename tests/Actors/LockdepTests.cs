using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

/// <summary>Who changes what a lock protects, and does not hold it, is told so by the owner.</summary>
public class LockdepTests
{
    private readonly Lab _lab = Lab.Bound();

    [Fact]
    public void Invalidations_need_mmu_lock() => Warns("mmu_lock", current => Ask(current, _lab.Vm, KvmMmuInvalidateBegin.Now));

    [Fact]
    public void The_test_for_a_retry_needs_mmu_lock() =>
        Warns("mmu_lock", async current => await current.Ask(_lab.Vm, new MmuInvalidateRetryGfn(0, Lab.First)));

    [Fact]
    public void A_lookup_of_a_memslot_needs_srcu() =>
        Warns("srcu", async current => await current.Ask(_lab.Vm, new GfnToMemslot(Lab.First)));

    [Fact]
    public void Changes_of_memslots_need_slots_lock() =>
        Warns("slots_lock", current => Ask(current, _lab.Vm, new WriteGmemFile(_lab.Slot!, _lab.File)));

    [Fact]
    public void Changes_of_bindings_need_slots_lock() =>
        Warns("slots_lock", current => Ask(current, _lab.File, new XaStoreRange(PageRange.Of(2, 1), null)));

    [Fact]
    public void Changes_of_bindings_need_the_invalidate_lock_too() => Warns("filemap_invalidate_lock", StoreUnderSlotsLock);

    [Fact]
    public void A_walk_of_the_files_needs_the_invalidate_lock() =>
        Warns("filemap_invalidate_lock", async current => await current.Ask(_lab.Inode, GmemFileList.Now));

    [Fact]
    public void A_shared_lock_is_not_enough_to_change_what_it_protects() => Warns("mmu_lock", BeginUnderSharedLock);

    [Fact]
    public void A_folio_leaves_the_page_cache_under_its_lock()
    {
        _lab.Fallocate(FallocMode.KeepSize, 0, Lab.Page);

        Warns("folio_lock", current => Filemap.FilemapRemoveFolio(current, _lab.Inode, _lab.Inode.Folios[0].Pfn));
    }

    [Fact]
    public void A_page_is_not_allocated_under_a_spinning_lock()
    {
        var finding = Assert.IsType<SleepInAtomic>(_lab.Find(AllocUnderMmuLock));

        Assert.Equal("alloc_page", finding.Asked);
    }

    private void Warns(string name, Func<KernelTask, Path> path)
    {
        var finding = _lab.Find(path);

        var texts = finding!.Warnings.Append(finding).OfType<KernelWarning>().Select(warning => warning.Text);
        Assert.Contains($"lockdep_assert_held({name})", texts);
    }

    private static async Path Ask(KernelTask current, Actor owner, Message<Done> message) => await current.Ask(owner, message);

    private async Path StoreUnderSlotsLock(KernelTask current)
    {
        await current.Ask(_lab.Vm, SlotsLock.Now);
        await current.Ask(_lab.File, new XaStoreRange(PageRange.Of(2, 1), null));
        await current.Ask(_lab.Vm, SlotsUnlock.Now);
    }

    private async Path AllocUnderMmuLock(KernelTask current)
    {
        await current.Ask(_lab.Vm, KvmMmuLock.Shared);
        var pfn = await current.Ask(_lab.Memory, new AllocPage(_lab.Inode));
        await current.Ask(_lab.Memory, new FreePage(pfn!.Value));
        await current.Ask(_lab.Vm, KvmMmuUnlock.Now);
    }

    private async Path BeginUnderSharedLock(KernelTask current)
    {
        await current.Ask(_lab.Vm, KvmMmuLock.Shared);
        await current.Ask(_lab.Vm, KvmMmuInvalidateBegin.Now);
        await current.Ask(_lab.Vm, KvmMmuUnlock.Now);
    }
}
