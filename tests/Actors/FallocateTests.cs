using GmemActors.Actors;

namespace GmemActors.Tests.Actors;

public class FallocateTests
{
    private const long P = Lab.Page;
    private const long S = 4 * P;
    private const FallocMode Keep = FallocMode.KeepSize;
    private const FallocMode Punch = FallocMode.KeepSize | FallocMode.PunchHole;

    [Theory]
    [InlineData("4", Keep, 0, S, Errno.None)]
    [InlineData("5", Punch, P - 1, P, Errno.EINVAL)]
    [InlineData("6", Keep, S, P, Errno.EINVAL)]
    [InlineData("7", Keep, S + P, P, Errno.EINVAL)]
    [InlineData("7, straddling", Keep, S - P, 2 * P, Errno.EINVAL)]
    [InlineData("8", Punch, S, P, Errno.None)]
    [InlineData("9", Punch, S + P, P, Errno.None)]
    [InlineData("9, straddling", Punch, S - P, 4 * P, Errno.None)]
    [InlineData("10", Punch, P, P - 1, Errno.EINVAL)]
    [InlineData("11", Punch, P, P, Errno.None)]
    [InlineData("12", Keep, P, P, Errno.None)]
    [InlineData("13", Punch, 0, 1, Errno.EINVAL)]
    [InlineData("14", Punch, 0, P - 1, Errno.EINVAL)]
    [InlineData("15", Punch, 0, P + 1, Errno.EINVAL)]
    [InlineData("16", Punch, 1, 1, Errno.EINVAL)]
    [InlineData("17", Punch, 1, P - 1, Errno.EINVAL)]
    [InlineData("18", Punch, 1, P, Errno.EINVAL)]
    [InlineData("19", Punch, 1, P + 1, Errno.EINVAL)]
    [InlineData("21", Punch, P, P - 1, Errno.EINVAL)]
    [InlineData("22", Punch, P, P + 1, Errno.EINVAL)]
    [InlineData("32, no KEEP_SIZE", FallocMode.None, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("32, KEEP_SIZE and ZERO_RANGE", Keep | FallocMode.ZeroRange, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("32, ZERO_RANGE", FallocMode.ZeroRange, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("32, COLLAPSE_RANGE", FallocMode.CollapseRange, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("32, KEEP_SIZE and COLLAPSE_RANGE", Keep | FallocMode.CollapseRange, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("32, PUNCH_HOLE alone", FallocMode.PunchHole, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("32, KEEP_SIZE and UNSHARE_RANGE", Keep | FallocMode.UnshareRange, 0, P, Errno.EOPNOTSUPP)]
    [InlineData("98, bad mode and no length", FallocMode.ZeroRange, 0, 0, Errno.EINVAL)]
    [InlineData("98, bad mode and unaligned", FallocMode.ZeroRange, 0, 1, Errno.EOPNOTSUPP)]
    [InlineData("98, hole without length", Punch, 0, 0, Errno.EINVAL)]
    [InlineData("98, hole at a negative offset", Punch, -P, P, Errno.EINVAL)]
    [InlineData("98, hole that overflows", Punch, long.MaxValue - P + 1, P, Errno.EFBIG)]
    [InlineData("98, allocation that overflows", Keep, long.MaxValue - P + 1, P, Errno.EFBIG)]
    public void Vector(string number, FallocMode mode, long offset, long len, Errno expected)
    {
        var errno = new Lab().Fallocate(mode, offset, len);

        Assert.True(errno == expected, $"vector {number}: {errno.Text()}");
    }

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
