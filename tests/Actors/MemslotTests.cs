using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Tests.Actors;

public class MemslotTests
{
    private const ulong P = 4096;
    private const ulong Address = 0x100 * P;
    private const KvmMem Gmem = KvmMem.GuestMemfd;

    [Theory]
    [InlineData("35, the KVM fd", Gmem, Address, P, 1, 0, Errno.EINVAL)]
    [InlineData("35, another VM's gmem", Gmem, Address, P, 2, 0, Errno.EINVAL)]
    [InlineData("35, an unused fd", Gmem, Address, P, 3, 0, Errno.EBADF)]
    [InlineData("35, fd -1", Gmem, Address, P, -1, 0, Errno.EBADF)]
    [InlineData("36", Gmem, Address, P, 0, 1, Errno.EINVAL)]
    [InlineData("36", Gmem, Address, P, 0, P - 1, Errno.EINVAL)]
    [InlineData("37, beyond the end", Gmem, Address, 2 * P, 0, 3 * P, Errno.EINVAL)]
    [InlineData("37, at the end", Gmem, Address, P, 0, 4 * P, Errno.EINVAL)]
    [InlineData("37, offset -4096", Gmem, Address, P, 0, unchecked(0ul - P), Errno.EINVAL)]
    [InlineData("37, up to the end", Gmem, Address, 2 * P, 0, 2 * P, Errno.None)]
    [InlineData("38", Gmem | KvmMem.LogDirtyPages, Address, P, 0, 0, Errno.EINVAL)]
    [InlineData("39", Gmem | KvmMem.Readonly, Address, P, 0, 0, Errno.EINVAL)]
    [InlineData("40", (KvmMem)(1 << 3), Address, P, 0, 0, Errno.EINVAL)]
    [InlineData("40, internal bit", Gmem | KvmMem.Invalid, Address, P, 0, 0, Errno.EINVAL)]
    [InlineData("42, size", Gmem, Address, P + 1, 0, 0, Errno.EINVAL)]
    [InlineData("42, gpa", Gmem, Address + 1, P, 0, 0, Errno.EINVAL)]
    [InlineData("42, gpa that wraps", Gmem, unchecked(0ul - P), 2 * P, 0, 0, Errno.EINVAL)]
    [InlineData("42, gpa above the limit", Gmem, Address + (8 * P), P, 0, 0, Errno.EINVAL)]
    [InlineData("42, 2^31 pages", Gmem, 0, P << 31, 0, 0, Errno.EINVAL)]
    [InlineData("46", Gmem, Address, 0, 0, 0, Errno.EINVAL)]
    public void Vector(string number, KvmMem flags, ulong address, ulong size, int fd, ulong offset, Errno expected)
    {
        var lab = WithOtherFiles();

        var errno = lab.SetRegion(new(0, flags, address, size, fd, offset));

        Assert.True(errno == expected, $"vector {number}: {errno.Text()}");
        Assert.Equal(expected == Errno.None, lab.File.Bindings.Count > 0);
    }

    [Theory]
    [InlineData(32764, Errno.EINVAL)]
    [InlineData(32763, Errno.None)]
    [InlineData(1 << 16, Errno.EINVAL)]
    public void Vector_41_slot_numbers_have_a_limit(uint slot, Errno expected)
    {
        Assert.Equal(expected, new Lab().SetRegion(new(slot, Gmem, Address, P, 0)));
    }

    [Fact]
    public void Vectors_43_and_104_a_slot_on_another_slot_fails_before_its_file_is_looked_at()
    {
        var lab = Lab.Bound();

        Assert.Equal(Errno.EEXIST, lab.SetRegion(new(1, Gmem, Address + P, P, 0, 2 * P)));
        Assert.Equal(Errno.EEXIST, lab.SetRegion(new(1, Gmem, Address + P, P, -1)));
    }

    [Theory]
    [InlineData(Gmem, Address + (4 * P), 2 * P)]
    [InlineData(KvmMem.None, Address, 2 * P)]
    [InlineData(Gmem, Address, 2 * P)]
    [InlineData(Gmem, Address, P)]
    public void Vector_45_a_gmem_slot_cannot_be_changed(KvmMem flags, ulong address, ulong size)
    {
        Assert.Equal(Errno.EINVAL, Lab.Bound().SetRegion(new(0, flags, address, size, 0)));
    }

    [Fact]
    public void Vector_45_a_gmem_slot_can_be_deleted_once()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);

        Assert.Equal(Errno.None, lab.SetRegion(new(0, KvmMem.None, Address, 0)));
        Assert.Equal(Errno.EINVAL, lab.SetRegion(new(0, KvmMem.None, Address, 0)));
        Assert.Null(lab.Slot);
        Assert.Null(lab.Vm.Maps(Lab.First));
    }

    [Theory]
    [InlineData(Gmem | KvmMem.Readonly, 0)]
    [InlineData(Gmem, 1)]
    public void Vector_102_a_delete_has_to_pass_the_tests_of_a_create(KvmMem flags, ulong offset)
    {
        var lab = Lab.Bound();

        Assert.Equal(Errno.EINVAL, lab.SetRegion(new(0, flags, Address, 0, 0, offset)));
        Assert.NotNull(lab.Slot);
    }

    [Theory]
    [InlineData("gmem-v12", Errno.EINVAL)]
    [InlineData("6.8", Errno.EINVAL)]
    [InlineData("6.12", Errno.EINVAL)]
    [InlineData("7.2", Errno.EEXIST)]
    public void Pages_of_a_file_can_be_bound_once(string kernel, Errno expected)
    {
        var lab = Lab.Bound(kernel: KernelVersion.Find(kernel));

        Assert.Equal(expected, lab.SetRegion(new(1, Gmem, Address + (4 * P), P, 0, P)));
    }

    [Fact]
    public void Two_slots_can_have_different_pages_of_one_file()
    {
        var lab = Lab.Bound();

        Assert.Equal(Errno.None, lab.SetRegion(new(1, Gmem, Address + (4 * P), 2 * P, 0, 2 * P)));
        Assert.Equal(Errno.None, lab.Touch(new Gfn(0x104), Lab.First));
    }

    [Fact]
    public void A_slot_that_is_created_again_shows_the_old_memory()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);
        var before = lab.Vm.Maps(Lab.First);
        lab.SetRegion(new(0, KvmMem.None, Address, 0));

        lab.SetRegion(new(0, Gmem, Address, 2 * P, 0));
        lab.Touch(Lab.First);

        Assert.Equal(before, lab.Vm.Maps(Lab.First));
    }

    [Fact]
    public void A_slot_goes_while_vCPUs_fault_and_nothing_is_left_behind()
    {
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            lab.SpawnVcpu("vcpu0", Lab.First);
            lab.Spawn("vmm", async current => await Delete(current, lab));

            Assert.Null(lab.Run());
            Assert.Null(lab.Vm.Maps(Lab.First));
            Assert.True(lab.Inode.Folios.Count <= 1);
        }
    }

    private static GmemActors.Engine.Path<Errno> Delete(GmemActors.Engine.KernelTask current, Lab lab) =>
        KvmMain.KvmVmIoctlSetMemoryRegion(current, lab.Vm, lab.Files, new(0, KvmMem.None, Address, 0));

    // Descriptor 1 is no gmem file, descriptor 2 is another VM's.
    private static Lab WithOtherFiles()
    {
        var lab = new Lab();
        var other = lab.World.Add(new Vm("vm1", lab.Vm.Machine, lab.Vm.Frames));
        lab.Files.Open(lab.World.Add(new OtherFile("kvm")));
        lab.Files.Open(lab.World.Add(new GmemFile("gmem1", other, lab.Inode)));
        return lab;
    }
}
