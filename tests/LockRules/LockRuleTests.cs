using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Tests.Actors;

namespace GmemActors.Tests.LockRules;

/// <summary>
/// The order of KVM's locks, rule by rule: a path that breaks it is told so, whether or not anybody waits for anybody.
/// </summary>
/// <remarks>Source: Documentation/virt/kvm/locking.rst. Where the right order has a path in the model, that path is run beside it.</remarks>
public class LockRuleTests
{
    private const string Inversion = "lock-order";
    private const string Sleep = "sleep-in-atomic";

    private readonly Lab _lab = Lab.Bound();

    [Theory]
    [InlineData("1", "kvm->lock", "vcpu->mutex")]
    [InlineData("1", "kvm->lock", "slots_lock")]
    [InlineData("1", "vcpu->mutex", "slots_lock")]
    [InlineData("1", "vcpu->mutex", "slots_arch_lock")]
    [InlineData("5", "slots_lock", "filemap_invalidate_lock")]
    [InlineData("6", "filemap_invalidate_lock", "folio_lock")]
    [InlineData("7", "vcpu->mutex", "filemap_invalidate_lock")]
    [InlineData("8", "kvm->lock", "filemap_invalidate_lock")]
    [InlineData("9", "mmap_lock", "folio_lock")]
    [InlineData("13", "snp_vmsa_mutex", "folio_lock")]
    public void Two_locks_that_are_taken_in_both_orders(string rule, string outer, string inner)
    {
        var (first, second) = (Named(outer), Named(inner));

        var broken = _lab.Find(async current =>
        {
            await Nested(current, first, second);
            await Nested(current, second, first);
        });
        var other = Lab.Bound();
        var kept = other.Find(async current =>
        {
            await Nested(current, first, second, other);
            await Nested(current, first, second, other);
        });

        Assert.NotEmpty(rule);
        Assert.Equal(Inversion, broken?.Kind);
        Assert.Contains($"{inner} > {outer}", broken!.Cause);
        Assert.Null(kept);
    }

    [Theory]
    [InlineData("slots_lock")]
    [InlineData("vcpu->mutex")]
    [InlineData("kvm->lock")]
    public void Rule_2_what_is_held_around_synchronize_srcu_is_not_taken_by_a_reader(string name)
    {
        var mutex = Named(name);

        var broken = _lab.Find(async current =>
        {
            if (name != "slots_lock") await mutex.Take(current, _lab);
            await Delete(current);
            if (name != "slots_lock") await mutex.Give(current, _lab);
            await Nested(current, Srcu, mutex);
        });

        var cause = Assert.IsType<LockOrderInversion>(broken).Cause;
        Assert.Contains($"{name} > srcu", cause);
        Assert.Contains($"srcu > {name}", cause);
    }

    [Fact]
    public void Rule_2_slots_arch_lock_may_be_taken_by_a_reader() =>
        Assert.Null(_lab.Find(async current =>
        {
            await Delete(current);
            await Nested(current, Srcu, Named("slots_arch_lock"));
        }));

    [Theory]
    [InlineData("slots_lock")]
    [InlineData("slots_arch_lock")]
    public void Rule_3_a_notifier_does_not_take_what_a_swap_of_memslots_holds(string name)
    {
        var broken = _lab.Find(async current =>
        {
            await Delete(current);
            await current.Ask(_lab.Vm, MnActiveInvalidateInc.Now);
            await Named(name).Take(current, _lab);
            await Named(name).Give(current, _lab);
            await current.Ask(_lab.Vm, MnActiveInvalidateDec.Now);
        });

        if (name == "slots_lock") Assert.Equal("mn_memslots_update_rcuwait > slots_lock; slots_lock > mn_memslots_update_rcuwait", broken?.Cause);
        else Assert.Contains("mn_memslots_update_rcuwait > slots_arch_lock", Assert.IsType<LockOrderInversion>(broken).Cause);
    }

    [Theory]
    [InlineData("4", "slots_lock")]
    [InlineData("5", "filemap_invalidate_lock")]
    [InlineData("10", "mmap_lock")]
    [InlineData("12", "folio_lock")]
    [InlineData("13", "snp_vmsa_mutex")]
    public void Nothing_that_sleeps_is_taken_under_mmu_lock(string rule, string name)
    {
        var finding = _lab.Find(current => Nested(current, Named("mmu_lock"), Named(name)));

        Assert.NotEmpty(rule);
        Assert.Equal(Sleep, finding?.Kind);
    }

    [Fact]
    public void Rule_5_release_has_the_right_order_and_a_path_with_the_other_is_told_so_beside_it()
    {
        for (var seed = 0ul; seed < 30; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            var broken = lab.Find(async current =>
            {
                await Open.Close(current, lab.Files, 0);
                await Nested(current, Named("filemap_invalidate_lock"), Named("slots_lock"), lab);
            });

            // Sometimes the two really wait for each other.
            Assert.True(broken is Deadlock { IsCycle: true } or LockOrderInversion);
        }
    }

    [Fact]
    public void Rule_6_allocate_has_the_right_order_and_a_path_with_the_other_is_told_so_beside_it()
    {
        var broken = _lab.Find(async current =>
        {
            await Open.VfsFallocate(current, _lab.File, FallocMode.KeepSize, 0, Lab.Page);
            await Nested(current, Named("folio_lock"), Named("filemap_invalidate_lock"));
        });

        Assert.Equal("filemap_invalidate_lock > folio_lock; folio_lock > filemap_invalidate_lock", broken?.Cause);
    }

    [Fact]
    public void Rule_7_the_way_down_to_mmu_lock_is_clean_in_its_order()
    {
        string[] order = ["kvm->lock", "vcpu->mutex", "slots_lock", "filemap_invalidate_lock", "mmu_lock"];

        Assert.Null(_lab.Find(async current =>
        {
            foreach (var name in order) await Named(name).Take(current, _lab);
            foreach (var name in order.Reverse()) await Named(name).Give(current, _lab);
        }));
    }

    [Fact]
    public void Rule_10_notifiers_run_under_mmap_lock() =>
        Assert.Null(_lab.Find(current => Madvise.MadviseDontneedSingleVma(current, _lab.Mm, PageRange.Of(0, 1))));

    // A memory failure does it in every version, which is O2: to warn of it would name the wrong lock.
    [Fact]
    public void Fixme_rule_12_a_folio_that_is_locked_while_mmu_lock_is_taken_is_not_noticed() =>
        Assert.Null(_lab.Find(current => Nested(current, Named("folio_lock"), Named("mmu_lock"))));

    [Fact]
    public void All_vcpus_are_locked_under_kvm_lock_and_not_without()
    {
        Assert.Null(LockAll(withKvmLock: true));
        Assert.Equal("possible recursive locking: call takes vcpu->mutex twice", LockAll(withKvmLock: false)?.Title);
    }

    private static (Func<KernelTask, Lab, Path> Take, Func<KernelTask, Lab, Path> Give) Srcu =>
        Pair(lab => lab.Vm, SrcuReadLock.Now, SrcuReadUnlock.Now);

    private static Finding? LockAll(bool withKvmLock)
    {
        var lab = Lab.Bound();
        var vcpus = new[] { lab.Vcpu, lab.CreateVcpu() };
        return lab.Find(async current =>
        {
            if (withKvmLock) await current.Ask(lab.Vm, KvmLock.Now);
            foreach (var vcpu in vcpus) await current.Ask(vcpu, VcpuLock.Now);
            foreach (var vcpu in vcpus) await current.Ask(vcpu, VcpuUnlock.Now);
            if (withKvmLock) await current.Ask(lab.Vm, KvmUnlock.Now);
        });
    }

    private static (Func<KernelTask, Lab, Path> Take, Func<KernelTask, Lab, Path> Give) Named(string name) => name switch
    {
        "kvm->lock" => Pair(lab => lab.Vm, KvmLock.Now, KvmUnlock.Now),
        "vcpu->mutex" => Pair(lab => lab.Vcpu, VcpuLock.Now, VcpuUnlock.Now),
        "slots_lock" => Pair(lab => lab.Vm, SlotsLock.Now, SlotsUnlock.Now),
        "slots_arch_lock" => Pair(lab => lab.Vm, SlotsArchLock.Now, SlotsArchUnlock.Now),
        "filemap_invalidate_lock" => Pair(lab => lab.Inode, FilemapInvalidateLock.Exclusive, FilemapInvalidateUnlock.Now),
        "mmap_lock" => Pair(lab => lab.Mm, MmapReadLock.Now, MmapReadUnlock.Now),
        "snp_vmsa_mutex" => Pair(lab => lab.Vcpu, SnpVmsaLock.Now, SnpVmsaUnlock.Now),
        "mmu_lock" => Pair(lab => lab.Vm, KvmMmuLock.Exclusive, KvmMmuUnlock.Now),
        _ => (TakeFolio, GiveFolio),
    };

    private static (Func<KernelTask, Lab, Path> Take, Func<KernelTask, Lab, Path> Give) Pair(
        Func<Lab, Actor> owner, Message<Done> take, Message<Done> give) =>
        (async (current, lab) => await current.Ask(owner(lab), take), async (current, lab) => await current.Ask(owner(lab), give));

    // A folio that is there, or one that is made for it.
    private static async Path TakeFolio(KernelTask current, Lab lab)
    {
        if (lab.Inode.Folios.Count == 0)
        {
            var pfn = lab.Memory.Take(lab.Inode);
            await current.Ask(lab.Inode, new FilemapAllocFolio(pfn));
        }

        await current.Ask(lab.Inode, new FolioLock(lab.Inode.Folios[0].Pfn));
        var state = await current.Ask(lab.Inode, new ReadFolio(lab.Inode.Folios[0].Pfn));
        if (!state.IsInCache) await current.Ask(lab.Inode, new FilemapAddFolio(lab.Inode.Folios[0].Pfn, new(0)));
        if (!state.IsInCache) await current.Ask(lab.Inode, new FolioPut(lab.Inode.Folios[0].Pfn));
    }

    private static async Path GiveFolio(KernelTask current, Lab lab) =>
        await current.Ask(lab.Inode, new FolioUnlock(lab.Inode.Folios[0].Pfn));

    private async Path Nested(
        KernelTask current,
        (Func<KernelTask, Lab, Path> Take, Func<KernelTask, Lab, Path> Give) outer,
        (Func<KernelTask, Lab, Path> Take, Func<KernelTask, Lab, Path> Give) inner,
        Lab? lab = null)
    {
        lab ??= _lab;
        await outer.Take(current, lab);
        await inner.Take(current, lab);
        await inner.Give(current, lab);
        await outer.Give(current, lab);
    }

    private async Path Delete(KernelTask current)
    {
        var region = new UserMemoryRegion(0, KvmMem.GuestMemfd, Lab.First.Value << Pages.Shift, MemorySize: 0);
        Assert.Equal(Errno.None, await KvmMain.KvmVmIoctlSetMemoryRegion(current, _lab.Vm, _lab.Files, region));
    }
}
