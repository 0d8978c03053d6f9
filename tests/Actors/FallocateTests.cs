using GmemActors.Actors;

namespace GmemActors.Tests.Actors;

public class FallocateTests
{
    private const long P = Lab.Page;
    private const long S = 4 * P;
    private const FallocMode Keep = FallocMode.KeepSize;
    private const FallocMode Punch = FallocMode.KeepSize | FallocMode.PunchHole;

    [Theory]
    [InlineData("6.8", true)]
    [InlineData("6.12", false)]
    [InlineData("7.2", false)]
    public void Only_the_first_release_clears_what_it_allocates(string kernel, bool clears)
    {
        var lab = new Lab(kernel: KernelVersion.Find(kernel));

        lab.Fallocate(Keep, 0, P);

        Assert.Equal(clears, Assert.Single(lab.Inode.Folios).IsUptodate);
    }

    [Fact]
    public void Allocation_fills_the_range_and_leaves_what_is_there()
    {
        var lab = new Lab();
        lab.Fallocate(Keep, P, P);
        var before = Assert.Single(lab.Inode.Folios).Pfn;

        lab.Fallocate(Keep, 0, S);

        Assert.Equal(4, lab.Inode.Folios.Count);
        Assert.True(lab.Inode.Caches(before));
    }

    [Fact]
    public void A_hole_frees_its_pages_and_no_others()
    {
        var lab = new Lab();
        lab.Fallocate(Keep, 0, S);

        lab.Punch(P, 2 * P);

        Assert.Equal(2, lab.Memory.CountOf(lab.Inode));
        Assert.Equal([0ul, 3ul], lab.Inode.Folios.Select(folio => folio.Index.Value).Order());
    }

    [Fact]
    public void Allocation_of_more_than_there_is_fails_and_keeps_what_it_got()
    {
        var lab = new Lab(pages: 16);

        var errno = lab.Fallocate(Keep, 0, 16 * P);

        Assert.Equal(Errno.ENOMEM, errno);
        Assert.Equal(0, lab.Memory.FreeCount);
        Assert.True(lab.Inode.InvalidateLock.IsFree);
    }

    [Fact]
    public void A_hole_in_a_bound_range_takes_it_from_the_guest()
    {
        var lab = Lab.Bound();
        lab.Touch(Lab.First);

        lab.Punch(0, P);

        Assert.Null(lab.Vm.Maps(Lab.First));
        Assert.Equal(0, lab.Vm.Invalidation.InProgress);
        Assert.Equal(1ul, lab.Vm.Invalidation.Seq);
    }

    [Fact]
    public void A_hole_where_nothing_is_bound_does_not_touch_the_MMU()
    {
        var lab = Lab.Bound();

        lab.Punch(2 * P, P);

        Assert.Equal(0ul, lab.Vm.Invalidation.Seq);
    }
}
