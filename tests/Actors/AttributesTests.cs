using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

public class AttributesTests
{
    private const ulong P = 4096;
    private const ulong Address = 0x100 * P;
    private const KvmMemoryAttributes Private = KvmMemoryAttributes.Private;

    [Theory]
    [InlineData(Address, P, Private, 1, Errno.EINVAL)]
    [InlineData(Address, P, (KvmMemoryAttributes)1, 0, Errno.EINVAL)]
    [InlineData(Address, 0, Private, 0, Errno.EINVAL)]
    [InlineData(unchecked(0ul - P), P, Private, 0, Errno.EINVAL)]
    [InlineData(Address + 1, P, Private, 0, Errno.EINVAL)]
    [InlineData(Address, P + 1, Private, 0, Errno.EINVAL)]
    [InlineData(Address, 2 * P, KvmMemoryAttributes.None, 0, Errno.None)]
    public void Vector_57(ulong address, ulong size, KvmMemoryAttributes attributes, ulong flags, Errno expected)
    {
        Assert.Equal(expected, Lab.Bound().SetAttributes(new(address, size, attributes, flags)));
    }

    [Fact]
    public void Vector_57_a_range_without_memslots_is_converted_without_the_MMU()
    {
        var lab = new Lab();

        Assert.Equal(Errno.None, lab.Convert(Lab.First, toPrivate: false));

        Assert.Equal(0ul, lab.Vm.Invalidation.Seq);
        Assert.False(lab.Vm.Attributes.IsPrivate(Lab.First));
    }

    [Fact]
    public void What_has_the_attributes_already_is_left_alone()
    {
        var lab = Lab.Bound();

        Assert.Equal(Errno.None, lab.Convert(Lab.First, toPrivate: true));

        Assert.Equal(0ul, lab.Vm.Invalidation.Seq);
    }

    [Fact]
    public void Vector_52_a_page_that_was_never_converted_is_shared()
    {
        var lab = new Lab();

        Assert.False(new Vm("vm1", lab.Vm.Machine, lab.Vm.Frames).Attributes.IsPrivate(Lab.First));
    }

    [Theory]
    [InlineData("6.12", Errno.EINVAL)]
    [InlineData("7.2", Errno.None)]
    public void A_VM_without_private_memory_converts_nothing_and_takes_gmem_in_the_newest_version_alone(
        string kernel, Errno expected)
    {
        var lab = new Lab(kernel: KernelVersion.Find(kernel));
        var vm = lab.World.Add(new Vm("vm1", lab.Vm.Machine, lab.Vm.Frames, type: VmType.Default));
        var fd = lab.Files.Open(lab.World.Add(new GmemFile("gmem1", vm, lab.Inode)));
        var region = new UserMemoryRegion(0, KvmMem.GuestMemfd, Address, P, fd);

        Assert.Equal(expected, lab.Call(current => KvmMain.KvmVmIoctlSetMemoryRegion(current, vm, lab.Files, region)));
        Assert.Equal(
            Errno.EINVAL,
            lab.Call(current => KvmMain.KvmVmIoctlSetMemAttributes(current, vm, new(Address, P, Private))));
    }

    [Fact]
    public void A_software_protected_guest_uses_a_frame_as_what_it_is()
    {
        var lab = Lab.Bound();

        Assert.Equal(Errno.None, lab.Touch(Access.Shared(Lab.First)));
        Assert.Same(lab.Inode, lab.Memory.OwnerOf(lab.Vm.Maps(Lab.First)!.Value));
        lab.Convert(Lab.First, toPrivate: false);
        Assert.Equal(Errno.None, lab.Touch(Access.Private(Lab.First)));
        Assert.Same(lab.Mm, lab.Memory.OwnerOf(lab.Vm.Maps(Lab.First)!.Value));
    }

    [Fact]
    public void Vector_51_each_kind_keeps_its_own_page()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);
        var before = lab.Vm.Maps(Lab.First);

        lab.Convert(Lab.First, toPrivate: false);
        Assert.Null(lab.Vm.Maps(Lab.First));
        lab.Touch(Access.Shared(Lab.First));
        Assert.Same(lab.Mm, lab.Memory.OwnerOf(lab.Vm.Maps(Lab.First)!.Value));
        lab.Convert(Lab.First, toPrivate: true);
        lab.Touch(Lab.First);

        Assert.Equal(before, lab.Vm.Maps(Lab.First));
    }

    [Fact]
    public void Vector_59_a_private_frame_in_a_slot_without_gmem_leaves_to_user_space()
    {
        var lab = new Lab();
        lab.SetRegion(new(0, KvmMem.None, Address, P));

        Assert.Equal(Errno.EFAULT, lab.Touch(Lab.First));
        lab.Convert(Lab.First, toPrivate: false);
        Assert.Equal(Errno.None, lab.Touch(Access.Shared(Lab.First)));
    }

    [Fact]
    public void A_shared_access_without_a_slot_is_a_devices()
    {
        var lab = new Lab();
        lab.Convert(Lab.First, toPrivate: false);

        Assert.Equal(Errno.None, lab.Touch(Access.Shared(Lab.First)));
        Assert.Null(lab.Vm.Maps(Lab.First));
    }

    [Fact]
    public void A_shared_access_where_the_user_has_nothing_mapped_fails()
    {
        var lab = new Lab();
        lab.SetRegion(new(0, KvmMem.None, Address, P, UserspaceAddr: 2 * P));
        lab.Convert(Lab.First, toPrivate: false);

        Assert.Equal(Errno.EFAULT, lab.Touch(Access.Shared(Lab.First)));
    }

    [Fact]
    public void Vectors_56_and_95_vCPUs_convert_and_fault_at_once_and_only_retry()
    {
        var (retried, converted) = (0, 0);
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            var before = lab.World.Properties.Count;
            lab.World.Sometimes(Events.FaultRetried, null);
            lab.World.Sometimes(Events.Converted, null);
            lab.SpawnVcpu("vcpu0", Share(Lab.First), Access.Shared(Lab.First));
            lab.SpawnVcpu("vcpu1", Share(Lab.First + 1), Access.Shared(Lab.First + 1));
            lab.SpawnVcpu("vcpu2", Lab.First, Lab.First + 1);
            lab.Spawn("vmm", current => ConvertAll(current, lab));

            Assert.Null(lab.Run());
            retried += lab.World.Properties[before].Seen ? 1 : 0;
            converted += lab.World.Properties[before + 1].Seen ? 1 : 0;
        }

        Assert.InRange(retried, 1, 300);
        Assert.InRange(converted, 1, 300);
    }

    [Fact]
    public void Two_vCPUs_that_want_a_frame_of_both_kinds_convert_it_until_both_had_it()
    {
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            lab.SpawnVcpu("vcpu0", Share(Lab.First), Access.Shared(Lab.First));
            lab.SpawnVcpu("vcpu1", new MapGpaRange(new(Lab.First, Lab.First + 1), IsPrivate: true), Lab.First);

            Assert.Null(lab.Run());
        }
    }

    [Fact]
    public void An_SPTE_of_the_wrong_kind_is_noticed()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);

        var finding = lab.Find(current => StoreOnly(current, lab));

        Assert.Equal(KernelProperties.KindsMatch, Assert.IsType<PropertyBroken>(finding).Property);
    }

    private static MapGpaRange Share(Gfn gfn) => new(new(gfn, gfn + 1), IsPrivate: false);

    private static async Path ConvertAll(KernelTask current, Lab lab) => await KvmMain.KvmVmIoctlSetMemAttributes(
        current, lab.Vm, new(Address, 2 * P, KvmMemoryAttributes.None));

    private static async Path StoreOnly(KernelTask current, Lab lab)
    {
        await current.Ask(lab.Vm, SlotsLock.Now);
        await current.Ask(lab.Vm, new StoreMemoryAttributes(Lab.First, KvmMemoryAttributes.None));
        await current.Ask(lab.Vm, SlotsUnlock.Now);
    }
}
