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

        Assert.Equal(["call", "__fput:gmem0"], lab.World.Tasks.Select(task => task.Name));
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

    [Theory]
    [InlineData("6.8")]
    [InlineData("7.2")]
    public void Only_the_first_release_waits_for_whoever_reads_under_RCU(string kernel)
    {
        var lab = Lab.Bound(kernel: KernelVersion.Find(kernel));
        var waited = lab.Vm.Machine.Kernel.WaitsForRcu;
        var freedEarly = 0;
        for (var seed = 0ul; seed < 50; seed++)
        {
            lab = Lab.Bound(seed: seed, kernel: KernelVersion.Find(kernel));
            lab.Spawn("reader", current => ReadSlowly(current, lab, () => freedEarly += lab.File.IsFreed ? 1 : 0));

            Assert.Null(lab.Run());
            Assert.True(lab.File.IsFreed);
        }

        Assert.Equal(waited, freedEarly == 0);
    }

    [Fact]
    public void Memory_stays_until_the_last_file_of_the_inode_is_gone()
    {
        var lab = Lab.Bound();
        var second = lab.World.Add(new GmemFile("gmem1", lab.Vm, lab.Inode));
        lab.Inode.Add(second);
        var fd = lab.Files.Open(second);
        lab.Touch(Lab.First);

        lab.Close();
        Assert.Equal(1, lab.Memory.CountOf(lab.Inode));

        Assert.Equal(Errno.None, lab.Close(fd));
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
            lab.SpawnVcpu("vcpu0", Lab.First);

            Assert.Null(lab.Run());
            Assert.True(lab.File.IsFreed);
            Assert.Equal(0, lab.Memory.CountOf(lab.Inode));
        }
    }

    // It begins to read before the file is closed.
    private static async Path ReadSlowly(KernelTask current, Lab lab, Action atEnd)
    {
        await current.Ask(lab.Vm.Machine.Rcu, RcuReadLock.Now);
        current.Spawn("close", async task => await Open.Close(task, lab.Files, 0));
        for (var i = 0; i < 50; i++) await current.Ask(lab.Vm, ReadMmuInvalidateSeq.Now);
        atEnd();
        await current.Ask(lab.Vm.Machine.Rcu, RcuReadUnlock.Now);
    }

    [Fact]
    public void U2_release_writes_a_memslot_that_was_freed()
    {
        var seen = 0;
        for (var seed = 0ul; seed < 300; seed++)
        {
            var lab = Lab.Bound(seed: seed, kernel: KernelVersion.Linux68.With(GuestMemfdBugs.UnbindDyingFile), isWatched: false);
            lab.Spawn("close", current => Open.Close(current, lab.Files, 0));
            lab.Spawn("vmm", current => Delete(current, lab));

            var finding = lab.Run();

            Assert.True(finding is null or { Cause: "use after free of a memslot: gmem.file is written" });
            seen += finding is null ? 0 : 1;
        }

        Assert.InRange(seen, 1, 299);
    }

    private static async Path Delete(KernelTask current, Lab lab) => await KvmMain.KvmVmIoctlSetMemoryRegion(
        current, lab.Vm, lab.Files, new(0, KvmMem.None, Lab.First.Value << Pages.Shift, 0));
}
