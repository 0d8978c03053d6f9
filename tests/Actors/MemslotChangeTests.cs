using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Tests.Actors;

/// <summary>Memslots that move, change their flags, or fail to, and what a failure leaves behind.</summary>
public class MemslotChangeTests
{
    private const ulong P = Pages.Size;
    private const ulong Address = 0x100 * P;
    private const ulong Elsewhere = 0x104 * P;

    [Fact]
    public void A_slot_moves_with_its_memory_and_its_old_frames_are_unmapped()
    {
        var lab = Plain();
        lab.Touch(Access.Shared(Lab.First));

        Assert.Equal(Errno.None, lab.SetRegion(new(0, KvmMem.None, Elsewhere, 2 * P)));

        Assert.Null(lab.Vm.Maps(Lab.First));
        Assert.Null(lab.Slot);
        Assert.Equal(Errno.None, lab.Touch(Access.Shared(Lab.First + 4)));
        Assert.Single(lab.Vm.Memslots.Live);
    }

    [Fact]
    public void A_slot_is_moved_onto_no_other_but_may_overlap_itself()
    {
        var lab = Plain();
        lab.SetRegion(new(1, KvmMem.None, Elsewhere, P, UserspaceAddr: 0));

        Assert.Equal(Errno.EEXIST, lab.SetRegion(new(0, KvmMem.None, Elsewhere - P, 2 * P)));
        Assert.Equal(Errno.None, lab.SetRegion(new(0, KvmMem.None, Address + P, 2 * P)));
    }

    [Fact]
    public void A_change_of_flags_makes_a_new_slot_that_faults_see()
    {
        var lab = Plain();
        var before = lab.Slot;

        Assert.Equal(Errno.None, lab.SetRegion(new(0, KvmMem.LogDirtyPages, Address, 2 * P)));

        Assert.NotSame(before, lab.Slot);
        Assert.Equal(KvmMem.LogDirtyPages, lab.Slot!.Flags);
        Assert.Single(lab.Vm.Memslots.Live);
    }

    [Fact]
    public void What_is_set_again_alike_stays_the_same_object()
    {
        var lab = Plain();
        var before = lab.Slot;

        Assert.Equal(Errno.None, lab.SetRegion(new(0, KvmMem.None, Address, 2 * P)));
        Assert.Same(before, lab.Slot);
    }

    [Fact]
    public void Vector_48_a_guest_that_writes_while_its_slot_moves_finds_its_memory_at_one_place_or_none()
    {
        var moved = 0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = Plain(seed);
            lab.SpawnVcpu("vcpu0", Access.Shared(Lab.First), Access.Shared(Lab.First + 4));
            lab.Spawn("vmm", current => KvmMain.KvmVmIoctlSetMemoryRegion(
                current, lab.Vm, lab.Files, new(0, KvmMem.None, Elsewhere, 2 * P)));

            Assert.Null(lab.Run());
            Assert.Null(lab.Vm.Maps(Lab.First));
            moved += lab.Vm.Maps(Lab.First + 4) is null ? 0 : 1;
        }

        Assert.InRange(moved, 1, 200);
    }

    [Theory]
    [InlineData("6.12", KvmMem.GuestMemfd, Elsewhere)]
    [InlineData("6.12", KvmMem.None, Elsewhere)]
    [InlineData("6.12", KvmMem.LogDirtyPages, Elsewhere)]
    [InlineData("7.2", KvmMem.GuestMemfd, Elsewhere)]
    public void A_create_or_move_that_fails_leaves_what_was(string kernel, KvmMem flags, ulong address)
    {
        var (failed, made) = (0, 0);
        for (var seed = 0ul; seed < 200; seed++)
        {
            // A slot without gmem moves; one with gmem is created beside it.
            var isMove = (flags & KvmMem.GuestMemfd) == 0;
            var lab = new Lab(seed: seed, kernel: KernelVersion.Find(kernel), faults: new(FaultKind.Allocation, 4), isWatched: kernel == "6.12");
            while (lab.SetRegion(new(0, KvmMem.None, Address, 2 * P)) != Errno.None)
            {
            }

            var before = lab.Slot;
            var errno = lab.SetRegion(new(isMove ? 0u : 1, flags, address, 2 * P, 0));

            Assert.True(errno is Errno.None or Errno.ENOMEM);
            failed += errno == Errno.None ? 0 : 1;
            made += errno == Errno.None ? 1 : 0;
            if (errno == Errno.None) continue;
            Assert.Same(before, lab.Slot);
            Assert.Same(before, Assert.Single(lab.Vm.Memslots.Live));
            Assert.Empty(lab.File.Bindings);
        }

        Assert.InRange(failed, 1, 199);
        Assert.InRange(made, 1, 199);
    }

    [Fact]
    public void A_delete_that_fails_leaves_the_slot_and_its_binding()
    {
        var failed = 0;
        for (var seed = 0ul; seed < 50; seed++)
        {
            var lab = Lab.Bound(seed: seed, faults: new(FaultKind.Allocation, 2));
            if (lab.SetRegion(new(0, KvmMem.None, Address, 0)) == Errno.None) continue;
            failed++;
            Assert.NotNull(lab.Slot);
            Assert.Same(lab.Slot, Assert.Single(lab.File.Bindings));
        }

        Assert.InRange(failed, 1, 49);
    }

    [Fact]
    public void In_6_12_a_binding_that_there_is_no_memory_for_fails_the_call()
    {
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = BindUnderFaults("6.12", seed);
            Assert.Equal(lab.Slot is not null, lab.File.Bindings.Count == 1);
        }
    }

    [Theory]
    [InlineData("7.2")]
    public void Later_it_is_lost_and_the_slot_names_the_file_even_after_that_is_freed(string kernel)
    {
        var dangling = 0;
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = BindUnderFaults(kernel, seed);
            if (lab.Slot is not { } slot || lab.File.Bindings.Count > 0) continue;

            // Of the faults that are injected, one may come first.
            Assert.Contains(lab.Touch(Lab.First), new[] { Errno.EIO, Errno.ENOMEM });

            // The release clears gmem.file of the slots that the file knows of.
            Assert.Null(lab.Find(current => CloseFile(current, lab)));
            Assert.True(lab.File.IsFreed);
            Assert.Same(lab.File, lab.Vm.Memslots.FileOf(slot));
            dangling++;
        }

        Assert.InRange(dangling, 1, 99);
    }

    [Theory]
    [InlineData(VmType.Default, 1, Errno.None)]
    [InlineData(VmType.Default, 2, Errno.EINVAL)]
    [InlineData(VmType.SwProtected, 1, Errno.EINVAL)]
    public void Only_a_VM_without_private_memory_has_a_second_address_space(VmType type, uint asId, Errno expected)
    {
        var lab = new Lab();
        var machine = lab.Vm.Machine with { HasSmm = true };
        var vm = lab.World.Add(new Vm("vm1", machine, lab.Vm.Frames, lab.Mm, type));
        Assert.Equal(Errno.None, Set(lab, vm, new(0, KvmMem.None, Address, P)));

        // The same number and the same frames as in the first.
        Assert.Equal(expected, Set(lab, vm, new(asId << 16, KvmMem.None, Address, P)));
        Assert.Equal(expected, Set(lab, vm, new(asId << 16, KvmMem.None, Address, 0)));
        Assert.NotNull(vm.Memslots.At(Lab.First));
    }

    [Theory]
    [InlineData("6.8", Errno.None)]
    [InlineData("6.12", Errno.EINVAL)]
    [InlineData("7.2", Errno.EINVAL)]
    public void U3_only_old_versions_let_a_slot_lose_its_file(string kernel, Errno expected)
    {
        var lab = Lab.Bound(kernel: KernelVersion.Find(kernel), isWatched: false);

        Assert.Equal(expected, lab.SetRegion(new(0, KvmMem.None, Address, 2 * P)));
        Assert.Equal(expected == Errno.None, lab.File.Bindings.Exists(slot => lab.Vm.Memslots.IsFreed(slot)));
    }

    private static Lab Plain(ulong seed = 0)
    {
        var lab = new Lab(seed: seed);
        lab.Vm.Convert(lab.Vm.Frames, KvmMemoryAttributes.None);
        lab.SetRegion(new(0, KvmMem.None, Address, 2 * P));
        return lab;
    }

    private static Lab BindUnderFaults(string kernel, ulong seed)
    {
        var lab = new Lab(seed: seed, kernel: KernelVersion.Find(kernel), isWatched: false, faults: new(FaultKind.Allocation, 4));
        lab.SetRegion(new(0, KvmMem.GuestMemfd, Address, 2 * P, 0));
        return lab;
    }

    private static Errno Set(Lab lab, Vm vm, UserMemoryRegion region) =>
        lab.Call(current => KvmMain.KvmVmIoctlSetMemoryRegion(current, vm, lab.Files, region));

    private static async Path CloseFile(KernelTask current, Lab lab) => await Open.Close(current, lab.Files, 0);
}
