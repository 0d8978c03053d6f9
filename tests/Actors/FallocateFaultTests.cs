using GmemActors.Actors;

namespace GmemActors.Tests.Actors;

public class FallocateFaultTests
{
    [Fact]
    public void An_allocation_that_is_interrupted_or_fails_keeps_what_it_got()
    {
        var seen = new SortedSet<Errno>();
        var partial = 0;
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = new Lab(seed: seed, faults: new(FaultKind.Allocation | FaultKind.Signal, 6));
            var errno = lab.Fallocate(FallocMode.KeepSize, 0, 4 * Lab.Page);

            seen.Add(errno);
            Assert.Equal(errno == Errno.None, lab.Inode.Folios.Count == 4);
            Assert.Equal(lab.Inode.Folios.Count, lab.Memory.CountOf(lab.Inode));
            Assert.True(lab.Inode.InvalidateLock.IsFree);
            partial += errno != Errno.None && lab.Inode.Folios.Count > 0 ? 1 : 0;
        }

        Assert.Equal([Errno.None, Errno.EINTR, Errno.ENOMEM], seen);
        Assert.InRange(partial, 1, 99);
    }

    [Fact]
    public void A_fault_that_gets_no_memory_leaves_nothing_behind()
    {
        var failed = 0;
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = Lab.Bound(seed: seed, faults: new(FaultKind.Allocation, 2));
            var errno = lab.Touch(Lab.First);

            Assert.True(errno is Errno.None or Errno.ENOMEM);
            Assert.Equal(errno == Errno.None, lab.Vm.Maps(Lab.First) is not null);
            Assert.Equal(errno == Errno.None ? 1 : 0, lab.Memory.CountOf(lab.Inode));
            failed += errno == Errno.None ? 0 : 1;
        }

        Assert.InRange(failed, 1, 99);
    }
}
