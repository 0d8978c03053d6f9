using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

/// <summary>Files of guest memory that user space has mapped.</summary>
public class UserMappingTests
{
    private const long P = Lab.Page;
    private const GuestMemfdKind Shared = GuestMemfdKind.Mmap | GuestMemfdKind.InitShared;

    [Theory]
    [InlineData(GuestMemfdKind.None, Prot.Read | Prot.Write, true, Errno.ENODEV)]
    [InlineData(GuestMemfdKind.None, Prot.Read | Prot.Write, false, Errno.ENODEV)]
    [InlineData(GuestMemfdKind.InitShared, Prot.Read | Prot.Write, true, Errno.ENODEV)]
    [InlineData(GuestMemfdKind.Mmap, Prot.Read | Prot.Write, false, Errno.EINVAL)]
    [InlineData(GuestMemfdKind.Mmap, Prot.Read, false, Errno.EINVAL)]
    [InlineData(GuestMemfdKind.Mmap, Prot.Read | Prot.Exec, true, Errno.EPERM)]
    [InlineData(Shared, Prot.Read | Prot.Write, true, Errno.None)]
    public void Vector_2(GuestMemfdKind kind, Prot prot, bool isShared, Errno expected)
    {
        var lab = new Mapped(kind);

        Assert.Equal(expected, lab.Map(4, prot, isShared).Errno);
    }

    [Fact]
    public void Nothing_may_be_executed_from_a_mapping()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(4).Value;

        Assert.Equal(Errno.EACCES, lab.Call(current => Mmap.DoMprotectPkey(current, vma, Prot.Read | Prot.Exec)));
        Assert.Equal(Errno.None, lab.Call(current => Mmap.DoMprotectPkey(current, vma, Prot.Read)));
    }

    [Fact]
    public void Vector_26_a_mapping_is_used_up_to_the_end_of_its_file()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(16).Value;

        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        Assert.Equal(UserSignal.None, lab.Use(vma, 3));
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 4));
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 15));
    }

    [Fact]
    public void Vector_27_a_hole_takes_a_page_from_its_mapping_and_leaves_the_others()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        lab.Use(vma, 1);

        Assert.Equal(Errno.None, lab.Call(current => Open.VfsFallocate(
            current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, 0, P)));

        Assert.Null(vma.Ptes[0]);
        Assert.NotNull(vma.Ptes[1]);
        Assert.Equal(1, lab.Lab.Memory.CountOf(lab.File.Inode));
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
    }

    [Fact]
    public void Vector_28_memory_that_is_not_shared_is_SIGBUS()
    {
        var lab = new Mapped(GuestMemfdKind.Mmap);
        var vma = lab.Map(4).Value;
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 0));

        lab.Call(current => Open.VfsFallocate(current, lab.File, FallocMode.KeepSize, 0, 4 * P));
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 0));
    }

    [Fact]
    public void Vector_97_MADV_REMOVE_punches_a_hole()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        lab.Use(vma, 1);

        Assert.Equal(Errno.None, lab.Call(current => Madvise.MadviseRemove(current, vma, PageRange.Of(vma.Pages.Start.Value, 1))));
        Assert.Equal(1, lab.Lab.Memory.CountOf(lab.File.Inode));
    }

    [Fact]
    public void MADV_DONTNEED_keeps_the_memory()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        var before = vma.Ptes[0];

        Assert.Null(lab.Lab.Find(current => Madvise.MadviseDontneedFile(current, vma, vma.Pages)));
        Assert.Null(vma.Ptes[0]);
        lab.Use(vma, 0);
        Assert.Equal(before, vma.Ptes[0]);
    }

    [Fact]
    public void Vector_101_a_mapping_keeps_its_file_and_the_file_its_memory()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);

        Assert.Equal(Errno.None, lab.Lab.Close(lab.Fd));
        Assert.False(lab.File.IsFreed);
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));

        Assert.Null(lab.Lab.Find(current => Mmap.VmMunmap(current, vma)));
        Assert.True(lab.File.IsFreed);
        Assert.Equal(0, lab.Lab.Memory.CountOf(lab.File.Inode));
    }

    [Fact]
    public void Users_who_touch_and_a_hole_at_once_break_nothing()
    {
        var waited = 0;
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = new Mapped(Shared, seed);
            var vma = lab.Map(2).Value;
            var before = lab.Lab.World.Properties.Count;
            lab.Lab.World.Sometimes(Events.FoundTruncated, null);
            lab.Spawn("user0", vma, 0, 1, 0);
            lab.Spawn("user1", vma, 1, 0, 1);
            lab.Lab.Spawn("punch", current => Open.VfsFallocate(
                current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, 0, 2 * P));
            lab.Lab.Spawn("madvise", current => Madvise.MadviseDontneedFile(current, vma, vma.Pages));

            Assert.Null(lab.Lab.Run());
            waited += lab.Lab.World.Properties[before].Seen ? 1 : 0;
        }

        Assert.InRange(waited, 1, 299);
    }

    [Fact]
    public void A_guest_and_users_share_the_pages_of_a_slot_that_has_no_other_memory()
    {
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = new Mapped(Shared, seed);
            var vma = lab.Map(2).Value;
            lab.Vm.AddMemslot(0, Lab.First, lab.File, PageRange.Of(0, 2), vma.Pages.Start.Value << Pages.Shift);
            Assert.True(lab.Vm.Memslots.At(Lab.First)!.IsGmemOnly);
            lab.Spawn("user", vma, 0, 1);
            var vcpu = lab.Lab.Stage.CreateVcpu(lab.Vm);
            lab.Lab.Spawn("vcpu0", current => Stage.RunVcpu(current, vcpu, [Access.Shared(Lab.First), Access.Shared(Lab.First + 1)]));
            lab.Lab.Spawn("punch", current => Open.VfsFallocate(
                current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, 0, 2 * P));

            Assert.Null(lab.Lab.Run());
        }
    }

    [Fact]
    public void A_user_that_maps_a_page_which_left_the_file_is_noticed()
    {
        var lab = new Mapped(Shared);
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);

        var finding = lab.Lab.Find(current => RemoveOnly(current, lab, vma));

        Assert.Equal(KernelProperties.UsersMapCached, Assert.IsType<PropertyBroken>(finding).Property);
    }

    [Fact]
    public void Vector_100_another_process_cannot_use_the_VM_but_can_use_the_file()
    {
        var lab = new Mapped(Shared);
        var child = lab.Lab.Stage.Fork("child");

        Assert.Equal(Errno.EIO, lab.Call(current => KvmMain.KvmVmIoctl(
            current, child, lab.Vm, new VmIoctl.CreateGuestMemfd(new(P)))).Errno);
        var vma = lab.Call(current => Mmap.KsysMmapPgoff(current, child, lab.Fd, new(0), 4)).Value;
        Assert.Same(child.Mm, vma.Mm);
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        Assert.Equal(Errno.None, lab.Call(current => Open.KsysFallocate(
            current, child.Files, lab.Fd, FallocMode.KeepSize | FallocMode.PunchHole, 0, P)));
        Assert.Null(vma.Ptes[0]);
    }

    private static async Path RemoveOnly(KernelTask current, Mapped lab, Vma vma)
    {
        await current.Ask(lab.File.Inode, new FolioLock(vma.Ptes[0]!.Value));
        await Filemap.FilemapRemoveFolio(current, lab.File.Inode, vma.Ptes[0]!.Value);
    }

    /// <summary>A VM without private memory, with a file of that kind on 7.2.</summary>
    private sealed class Mapped
    {
        internal Mapped(GuestMemfdKind kind, ulong seed = 0)
        {
            Lab = new(seed: seed, kernel: KernelVersion.Linux72, isWatched: false);
            Vm = Lab.Stage.Vm("vm1", Actors.Lab.First.Value, 8, Lab.Mm);
            Vm.Convert(Vm.Frames, KvmMemoryAttributes.None);
            File = Lab.Stage.Open("gmem1", Vm, Lab.Stage.Inode("inode1", 4, kind));
            Lab.Stage.Watch();
        }

        internal Lab Lab { get; }

        internal Vm Vm { get; }

        internal GmemFile File { get; }

        internal int Fd => 1;

        internal Result<Vma> Map(ulong pages, Prot prot = Prot.Read | Prot.Write, bool isShared = true) =>
            Call(current => Mmap.KsysMmapPgoff(current, new(Lab.Files, Lab.Mm), Fd, new(0), pages, prot, isShared));

        internal UserSignal Use(Vma vma, ulong page) =>
            Call(current => UserProgram.Use(current, vma.Mm, vma.Pages.Start.Value + page, isWrite: true));

        internal void Spawn(string name, Vma vma, params ulong[] pages) => Lab.Spawn(name, current => UseAll(current, vma, pages));

        internal T Call<T>(Func<KernelTask, Path<T>> path) => Lab.Call(path);

        private static async Path UseAll(KernelTask current, Vma vma, ulong[] pages)
        {
            foreach (var page in pages)
            {
                var isWrite = page % 2 == 0;
                Assert.Equal(UserSignal.None, await UserProgram.Use(current, vma.Mm, vma.Pages.Start.Value + page, isWrite));
            }
        }
    }
}
