using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class MmuNotifierTests
{
    private const ulong P = 4096;
    private const ulong Address = 0x100 * P;

    [Fact]
    public void Pages_that_go_are_unmapped_and_come_back_zero()
    {
        var lab = Shared();
        lab.Touch(Access.Shared(Lab.First));

        Assert.Null(lab.Find(current => Dontneed(current, lab)));
        Assert.Null(lab.Vm.Maps(Lab.First));
        Assert.Equal(0, lab.Memory.CountOf(lab.Mm));

        Assert.Equal(Errno.None, lab.Touch(Access.Shared(Lab.First)));
        Assert.Equal(1, lab.Memory.CountOf(lab.Mm));
    }

    [Fact]
    public void Pages_that_no_memslot_has_go_without_the_MMU()
    {
        var lab = new Lab();

        Assert.Null(lab.Find(current => Dontneed(current, lab)));

        Assert.Equal(0ul, lab.Vm.Invalidation.Seq);
    }

    [Fact]
    public void Shared_faults_and_pages_that_go_only_retry()
    {
        var (retried, broughtIn) = (0, 0);
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = Shared(seed);
            var before = lab.World.Properties.Count;
            lab.World.Sometimes(Events.FaultRetried, null);
            lab.World.Sometimes(Events.BroughtIn, null);
            lab.SpawnVcpu("vcpu0", Access.Shared(Lab.First), Access.Shared(Lab.First + 1));
            lab.SpawnVcpu("vcpu1", Access.Shared(Lab.First), Access.Shared(Lab.First + 1));
            lab.Spawn("madvise", current => Dontneed(current, lab));

            Assert.Null(lab.Run());
            retried += lab.World.Properties[before].Seen ? 1 : 0;
            broughtIn += lab.World.Properties[before + 1].Seen ? 1 : 0;
        }

        Assert.InRange(retried, 1, 300);
        Assert.InRange(broughtIn, 1, 300);
    }

    [Fact]
    public void A_memslot_goes_while_its_pages_go_and_every_invalidation_ends()
    {
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = Shared(seed);
            lab.SpawnVcpu("vcpu0", Access.Shared(Lab.First), Access.Shared(Lab.First + 1));
            lab.Spawn("madvise", current => Dontneed(current, lab));
            lab.Spawn("vmm", async current => await Delete(current, lab));

            Assert.Null(lab.Run());
            Assert.Null(lab.Vm.Maps(Lab.First));
        }
    }

    [Fact]
    public void Rule_3_a_notifier_that_takes_slots_lock_deadlocks_with_a_swap()
    {
        var seen = 0;
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = Shared(seed);
            lab.Spawn("vmm", async current => await Delete(current, lab));
            lab.Spawn("notifier", current => NotifyWithSlotsLock(current, lab));

            var finding = lab.Run();

            Assert.True(finding is null or Deadlock);
            seen += finding is null ? 0 : 1;
        }

        Assert.InRange(seen, 1, 99);
    }

    [Fact]
    public void A_page_that_goes_without_a_notifier_is_noticed()
    {
        var lab = Shared();
        lab.Touch(Access.Shared(Lab.First));

        var finding = lab.Find(current => ZapOnly(current, lab));

        Assert.Equal(KernelProperties.MapsUsers, Assert.IsType<PropertyBroken>(finding).Property);
    }

    [Fact]
    public void A_reference_on_a_page_of_the_user_that_is_not_given_back_is_noticed()
    {
        var lab = Shared();

        var finding = lab.Find(async current => await current.Ask(lab.Mm, new GupFastPte(0)));

        Assert.Equal(KernelProperties.UserPagesBalance, Assert.IsType<PropertyBroken>(finding).Property);
    }

    private static Lab Shared(ulong seed = 0)
    {
        var lab = new Lab(seed: seed);
        lab.Vm.Convert(lab.Vm.Frames, KvmMemoryAttributes.None);
        lab.SetRegion(new(0, KvmMem.None, Address, 2 * P));
        return lab;
    }

    private static Path Dontneed(KernelTask current, Lab lab) =>
        Madvise.MadviseDontneedSingleVma(current, lab.Mm, PageRange.Of(0, 2));

    private static Path<Errno> Delete(KernelTask current, Lab lab) =>
        KvmMain.KvmVmIoctlSetMemoryRegion(current, lab.Vm, lab.Files, new(0, KvmMem.None, Address, 0));

    private static async Path NotifyWithSlotsLock(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Vm, MnActiveInvalidateInc.Now);
        await current.Ask(lab.Vm, SlotsLock.Now);
        await current.Ask(lab.Vm, SlotsUnlock.Now);
        await current.Ask(lab.Vm, MnActiveInvalidateDec.Now);
    }

    private static async Path ZapOnly(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Mm, MmapReadLock.Now);
        await current.Ask(lab.Mm, new ZapPte(0));
        await current.Ask(lab.Mm, MmapReadUnlock.Now);
    }
}
