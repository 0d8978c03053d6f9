using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Tests.Actors;

public class ReleaseTests
{
    [Fact]
    public void The_last_close_releases_the_file_in_a_context_of_its_own()
    {
        var lab = Lab.Bound();
        var slot = lab.Slot!;

        lab.Close();

        Assert.Equal(["call", "__fput gmem0"], lab.World.Tasks.Select(task => task.Name));
        Assert.True(lab.File.IsFreed);
        Assert.Null(lab.Vm.Memslots.FileOf(slot));
        Assert.False(lab.Inode.Has(lab.File));
    }

    [Fact]
    public void Vector_96_after_the_release_a_private_access_leaves_to_user_space()
    {
        var lab = Lab.Bound();
        Assert.Equal(Errno.None, lab.Touch(Lab.First));

        lab.Close();

        Assert.Null(lab.Vm.Maps(Lab.First));
        Assert.Equal(Errno.EFAULT, lab.Touch(Lab.First));
    }

    [Fact]
    public void Memory_stays_until_the_last_file_of_the_inode_is_gone()
    {
        var lab = Lab.Bound();
        var second = lab.World.Add(new GmemFile("gmem1", lab.Vm, lab.Inode));
        lab.Inode.Add(second);
        lab.Touch(Lab.First);

        lab.Close();
        Assert.Equal(1, lab.Memory.CountOf(lab.Inode));

        Assert.Null(lab.Find(current => FileTable.Fput(current, second)));
        Assert.Equal(0, lab.Memory.CountOf(lab.Inode));
    }

    [Fact]
    public void A_slot_can_be_deleted_while_its_file_is_dying()
    {
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = Lab.Bound(seed: seed);
            lab.Spawn("close", current => Open.Close(current, lab.Files, 0));
            lab.Spawn("vmm", current => Delete(current, lab));
            lab.Spawn("vcpu0", async current => await X86.KvmArchVcpuIoctlRun(current, lab.Vm, [Lab.First]));

            Assert.Null(lab.Run());
            Assert.True(lab.File.IsFreed);
            Assert.Equal(0, lab.Memory.CountOf(lab.Inode));
        }
    }

    private static async Path Delete(KernelTask current, Lab lab) => await KvmMain.KvmVmIoctlSetMemoryRegion(
        current, lab.Vm, lab.Files, new(0, KvmMem.None, Lab.First.Value << Pages.Shift, 0));
}
