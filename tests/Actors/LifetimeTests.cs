using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

public class LifetimeTests
{
    private const long P = Lab.Page;
    private const int Gmem = 0;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_file_destroys_its_VM(bool vmFirst)
    {
        var lab = Lab.Bound();
        var vmFd = lab.Stage.OpenVm(lab.Vm);
        lab.Touch(Lab.First);

        lab.Close(vmFirst ? vmFd : Gmem);
        Assert.False(lab.Vm.IsFreed);

        lab.Close(vmFirst ? Gmem : vmFd);
        Assert.True(lab.Vm.IsFreed);
        Assert.Equal(0, lab.Vm.UsersCount);
        Assert.False(lab.Mm.HasSubscriber(lab.Vm));
        Assert.Empty(lab.Vm.Memslots.Live);
    }

    [Fact]
    public void Vector_55_without_its_VM_a_file_is_still_allocated_and_punched()
    {
        var lab = Lab.Bound();
        lab.Close(lab.Stage.OpenVm(lab.Vm));

        Assert.Equal(Errno.None, lab.Punch(0, 2 * P));
        Assert.Equal(Errno.None, lab.Fallocate(FallocMode.KeepSize, 0, 2 * P));
        Assert.False(lab.Vm.IsFreed);
    }

    [Fact]
    public void A_vCPU_keeps_its_VM()
    {
        var lab = new Lab();
        var (vm, vcpu) = (lab.Stage.OpenVm(lab.Vm), lab.Stage.OpenVcpu("vcpu0:file", lab.Vm));
        lab.Close(vm);
        lab.Close();
        Assert.False(lab.Vm.IsFreed);

        lab.Close(vcpu);
        Assert.True(lab.Vm.IsFreed);
    }

    [Fact]
    public void Every_order_of_closes_destroys_the_VM_once_and_leaves_nothing()
    {
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            var (vm, vcpu) = (lab.Stage.OpenVm(lab.Vm), lab.Stage.OpenVcpu("vcpu0:file", lab.Vm));
            lab.Spawn("gmem", current => Open.Close(current, lab.Files, Gmem));
            lab.Spawn("vm", current => Open.Close(current, lab.Files, vm));
            lab.Spawn("vcpu0", current => RunAndClose(current, lab, vcpu));

            Assert.Null(lab.Run());
            Assert.True(lab.Vm.IsFreed);
            Assert.Equal(0, lab.Memory.CountOf(lab.Inode));
        }
    }

    [Fact]
    public void A_notifier_and_the_end_of_a_VM_at_once_break_nothing()
    {
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = new Lab(seed: seed);
            lab.Vm.Convert(lab.Vm.Frames, KvmMemoryAttributes.None);
            lab.SetRegion(new(0, KvmMem.None, Lab.First.Value << Pages.Shift, 2 * Pages.Size));
            lab.Touch(Access.Shared(Lab.First));
            var vm = lab.Stage.OpenVm(lab.Vm);
            lab.Spawn("madvise", current => Madvise.MadviseDontneedSingleVma(current, lab.Mm, PageRange.Of(0, 2)));
            lab.Spawn("vm", current => Open.Close(current, lab.Files, vm));
            lab.Spawn("gmem", current => Open.Close(current, lab.Files, Gmem));

            Assert.Null(lab.Run());
            Assert.True(lab.Vm.IsFreed);
        }
    }

    [Fact]
    public void A_VM_that_is_bugged_refuses_every_call()
    {
        var lab = new Lab();
        Assert.False(lab.Ioctl(new VmIoctl.CreateGuestMemfd(new(P))).IsErr);

        lab.Call(Bug);

        Assert.Equal(Errno.EIO, lab.Touch(Lab.First));
        Assert.Equal(Errno.EIO, lab.Ioctl(new VmIoctl.CreateGuestMemfd(new(P))).Errno);

        async Path<Errno> Bug(KernelTask current)
        {
            await KvmMain.KvmVmBugged(current, lab.Vm);
            return Errno.None;
        }
    }

    [Fact]
    public void An_invalidation_that_ends_twice_kills_the_VM()
    {
        var lab = Lab.Bound(isWatched: false);

        var finding = Assert.IsType<KernelWarning>(lab.Find(current => End(current, lab)));

        Assert.Equal("KVM_BUG: mmu_invalidate_in_progress < 0", finding.Text);
        Assert.True(lab.Vm.IsDead);
    }

    [Fact]
    public void A_VM_that_ends_with_an_invalidation_in_progress_is_warned_of()
    {
        var lab = new Lab(isWatched: false);
        var vm = lab.Stage.OpenVm(lab.Vm);
        Assert.Null(lab.Find(current => Begin(current, lab)));

        lab.Spawn("gmem", current => Open.Close(current, lab.Files, Gmem));
        lab.Spawn("vm", current => Open.Close(current, lab.Files, vm));

        Assert.Equal("kvm_destroy_vm: mmu_invalidate_in_progress is not 0", lab.Run()!.Cause);
    }

    [Fact]
    public void A_reference_on_a_VM_that_is_not_given_back_is_noticed() =>
        Fires(LifetimeProperties.VmsBalance, new Lab(), async (current, lab) => await current.Ask(lab.Vm, KvmGetKvm.Now));

    [Fact]
    public void A_reference_on_a_VM_that_is_given_back_twice_is_noticed() =>
        Fires(LifetimeProperties.VmsBalance, new Lab(), async (current, lab) => await KvmMain.KvmPutKvm(current, lab.Vm));

    [Fact]
    public void A_VM_that_is_freed_while_somebody_refers_to_it_is_noticed() =>
        Fires(LifetimeProperties.VmsDestroyed, new Lab(), FreeUnasked);

    [Fact]
    public void A_VM_that_is_used_after_it_is_freed_is_noticed() => Fires(LifetimeProperties.VmsLive, new Lab(), FreeAndUse);

    [Fact]
    public void A_lock_of_a_VM_that_is_freed_is_noticed() => Fires(LifetimeProperties.VmsLive, new Lab(), FreeAndLock);

    [Fact]
    public void A_VM_that_is_freed_with_a_memslot_is_noticed() => Fires(LifetimeProperties.NothingLeft, Lab.Bound(), FreeUnasked);

    [Fact]
    public void A_memslot_that_nobody_can_find_and_that_is_not_freed_is_noticed() =>
        Fires(LifetimeProperties.MemslotsFreed, new Lab(), AllocSlot);

    [Fact]
    public void A_reference_on_a_file_that_is_not_given_back_is_noticed() =>
        Fires(LifetimeProperties.FilesBalance, new Lab(), async (current, lab) => await current.Ask(lab.File, GetFileRcu.Now));

    [Fact]
    public void A_reference_on_a_file_that_is_given_back_twice_is_noticed() =>
        Fires(LifetimeProperties.FilesBalance, new Lab(), async (current, lab) => await FileTable.Fput(current, lab.File));

    [Fact]
    public void A_put_of_a_file_that_nobody_refers_to_is_warned_of()
    {
        var lab = new Lab(isWatched: false);

        var finding = lab.Find(current => PutTwice(current, lab));

        Assert.Equal("imbalanced put on file reference count", finding!.Cause);
    }

    [Fact]
    public void What_fails_while_a_file_is_created_is_undone()
    {
        var errnos = new SortedSet<Errno>();
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = new Lab(seed: seed, faults: new(FaultKind.Allocation | FaultKind.Module, 2));
            var result = lab.Ioctl(new VmIoctl.CreateGuestMemfd(new(P)));
            errnos.Add(result.Errno);

            // Whatever failed, the next file gets the same descriptor.
            if (result.IsErr) Assert.Equal(1, lab.Files.Open(lab.File));
            else Assert.Equal(Errno.None, lab.Close(result.Value));
        }

        Assert.Equal([Errno.None, Errno.ENOENT, Errno.ENOMEM], errnos);
    }

    [Fact]
    public void A_file_that_is_created_and_closed_leaves_nothing_and_its_descriptor_is_used_again()
    {
        var lab = new Lab();
        for (var i = 0; i < 3; i++)
        {
            var fd = lab.Ioctl(new VmIoctl.CreateGuestMemfd(new(P))).Value;
            Assert.Equal(1, fd);
            Assert.Equal(Errno.None, lab.Close(fd));
        }

        Assert.Equal(2, lab.Vm.UsersCount);
        Assert.Equal(Errno.EBADF, lab.Close(1));
    }

    private static void Fires(string property, Lab lab, Func<KernelTask, Lab, Path> path) =>
        Assert.Equal(property, Assert.IsType<PropertyBroken>(lab.Find(current => path(current, lab))).Property);

    private static async Path RunAndClose(KernelTask current, Lab lab, int fd)
    {
        await Stage.RunVcpu(current, lab.Vcpu, [Lab.First]);
        await Open.Close(current, lab.Files, fd);
    }

    private static async Path Begin(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Vm, KvmMmuLock.Exclusive);
        await current.Ask(lab.Vm, KvmMmuInvalidateBegin.Now);
        await current.Ask(lab.Vm, new KvmMmuInvalidateRangeAdd(new(Lab.First, Lab.First + 1)));
        await current.Ask(lab.Vm, KvmMmuUnlock.Now);
    }

    private static async Path End(KernelTask current, Lab lab)
    {
        await Begin(current, lab);
        await current.Ask(lab.Vm, KvmMmuLock.Exclusive);
        await current.Ask(lab.Vm, KvmMmuInvalidateEnd.Now);
        await current.Ask(lab.Vm, KvmMmuInvalidateEnd.Now);
        await current.Ask(lab.Vm, KvmMmuUnlock.Now);
    }

    private static async Path FreeUnasked(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Mm, new HlistDelMmuNotifier(lab.Vm));
        await current.Ask(lab.Vm, KvmArchFreeVm.Now);
    }

    private static async Path FreeAndUse(KernelTask current, Lab lab)
    {
        await FreeUnasked(current, lab);
        await current.Ask(lab.Vm, KvmGetKvm.Now);
    }

    private static async Path FreeAndLock(KernelTask current, Lab lab)
    {
        await FreeUnasked(current, lab);
        await current.Ask(lab.Vm, SlotsLock.Now);
        await current.Ask(lab.Vm, SlotsUnlock.Now);
    }

    private static async Path AllocSlot(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Vm, SlotsLock.Now);
        await current.Ask(lab.Vm, new AllocMemslot(0, new(Lab.First, Lab.First + 1), KvmMem.None, new(0), 0));
        await current.Ask(lab.Vm, SlotsUnlock.Now);
    }

    private static async Path PutTwice(KernelTask current, Lab lab)
    {
        await FileTable.Fput(current, lab.File);
        await FileTable.Fput(current, lab.File);
    }
}
