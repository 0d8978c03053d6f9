using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

/// <summary>Pages that are converted in place.</summary>
public class InplaceTests
{
    private static readonly KernelVersion Kernel = KernelVersion.RfcInplace;

    [Fact]
    public void Neighbours_that_are_alike_are_one_run()
    {
        var attributes = new GmemAttributes(KvmMemoryAttributes.None);

        attributes.Store(PageRange.Of(2, 2), KvmMemoryAttributes.Private);
        Assert.Equal(3, attributes.RunCount);
        attributes.Store(PageRange.Of(4, 2), KvmMemoryAttributes.Private);
        Assert.Equal(3, attributes.RunCount);
        Assert.True(attributes.AreAll(PageRange.Of(2, 4), KvmMemoryAttributes.Private));
        Assert.False(attributes.AreAll(PageRange.Of(2, 5), KvmMemoryAttributes.Private));
        attributes.Store(PageRange.Of(3, 1), KvmMemoryAttributes.None);
        Assert.Equal(5, attributes.RunCount);
        attributes.Store(PageRange.Of(0, 9), KvmMemoryAttributes.None);
        Assert.Equal(1, attributes.RunCount);
        attributes.Store(PageRange.Of(0, 1), KvmMemoryAttributes.Private);
        Assert.Equal(KvmMemoryAttributes.Private, attributes.At(new(0)));
        Assert.Equal(KvmMemoryAttributes.None, attributes.At(new(1)));
    }

    [Fact]
    public void A_store_that_fails_says_where()
    {
        var failed = 0;
        for (var seed = 0ul; seed < 40; seed++)
        {
            var lab = new Lab(kernel: Kernel, seed: seed, faults: new FaultInjection(FaultKind.Allocation, 2));
            lab.Inode.Convert(PageRange.Of(0, 4), KvmMemoryAttributes.None);
            var attrs = KvmMemoryAttributes2.Convert(PageRange.Of(1, 2), toPrivate: true);
            var errno = lab.Call(current => GuestMemfd.KvmGmemIoctl(current, lab.File, attrs));

            Assert.Equal(errno == Errno.ENOMEM ? (ulong)Lab.Page : 0, attrs.ErrorOffset);
            Assert.Equal(errno == Errno.ENOMEM, lab.Inode.Attributes.AreAll(PageRange.Of(0, 4), KvmMemoryAttributes.None));
            failed += errno == Errno.ENOMEM ? 1 : 0;
        }

        Assert.InRange(failed, 1, 39);
    }

    [Fact]
    public void A_page_whose_kind_changes_while_the_guest_has_it_is_noticed()
    {
        var lab = Lab.Bound(kernel: Kernel);
        Assert.Equal(Errno.None, lab.Touch(Lab.First));

        var finding = lab.Find(current => Store(current, lab.Inode));

        Assert.Equal(KernelProperties.KindsMatch, Assert.IsType<PropertyBroken>(finding).Property);
    }

    [Fact]
    public void A_page_whose_kind_changes_while_a_user_has_it_is_noticed()
    {
        var lab = new Lab(kernel: Kernel, isWatched: false);
        var vm = lab.Stage.Vm("vm1", Lab.First.Value, 2, lab.Mm);
        var inode = lab.Stage.Inode("inode1", 4, GuestMemfdKind.Mmap | GuestMemfdKind.InitShared);
        lab.Stage.Open("gmem1", vm, inode);
        lab.Stage.Watch();
        var vma = lab.Call(current => Mmap.KsysMmapPgoff(current, new(lab.Files, lab.Mm), 1, new(0), 2)).Value;
        Assert.Equal(UserSignal.None, lab.Call(current => UserProgram.Use(current, lab.Mm, vma.Pages.Start.Value, isWrite: true)));

        var finding = lab.Find(current => Store(current, inode));

        Assert.Equal(KernelProperties.UsersMapShared, Assert.IsType<PropertyBroken>(finding).Property);
    }

    [Fact]
    public void A_page_that_the_host_has_is_not_made_the_guests()
    {
        var lab = new SnpLab(kernel: Kernel);
        lab.Inode.Convert(PageRange.Of(0, 1), KvmMemoryAttributes.None);

        Assert.False(Prepared(lab, 0));
        Assert.True(Prepared(lab, 1));
    }

    [Theory]
    [InlineData("punch-hole-vs-fault")]
    [InlineData("punch-hole-two-vms")]
    [InlineData("punch-hole-vs-unbind")]
    [InlineData("close-vs-fault")]
    [InlineData("delete-slot-vs-close")]
    public void What_converts_nothing_is_clean_too(string scenario)
    {
        var model = Catalogue.Find(scenario)!.ToModel(Kernel);
        for (var seed = 0ul; seed < 300; seed++)
        {
            var world = new World(new RandomWalk(seed));
            model.Build(world);
            Assert.Null(world.Run());
        }
    }

    private static bool Prepared(SnpLab lab, ulong page) => lab.Call(async current =>
    {
        var pfn = await GuestMemfd.KvmGmemGetPfn(current, lab.Vm, lab.Vm.Memslots.At(SnpLab.First)!, SnpLab.First + page);
        var isPrepared = lab.Rmp.StateOf(pfn.Value.Pfn).Assigned;
        await Swap.FolioPut(current, lab.Inode, pfn.Value.Pfn);
        return isPrepared;
    });

    private static async Path Store(KernelTask current, GmemInode inode)
    {
        var other = inode.Attributes.At(new(0)) ^ KvmMemoryAttributes.Private;
        await current.Ask(inode, FilemapInvalidateLock.Exclusive);
        await current.Ask(inode, new MasStorePrealloc(PageRange.Of(0, 1), other));
        await current.Ask(inode, FilemapInvalidateUnlock.Now);
    }
}
