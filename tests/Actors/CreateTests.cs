using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Tests.Actors;

public class CreateTests
{
    private const long P = Lab.Page;

    [Theory]
    [InlineData("23", 1, 0, Errno.EINVAL)]
    [InlineData("23", P - 1, 0, Errno.EINVAL)]
    [InlineData("23", 0, 0, Errno.EINVAL)]
    [InlineData("23", long.MinValue, 0, Errno.EINVAL)]
    [InlineData("23", 1L << 62, 0, Errno.None)]
    [InlineData("23", long.MaxValue - P + 1, 0, Errno.None)]
    [InlineData("24", P, 1, Errno.EINVAL)]
    [InlineData("24", P, 1ul << 63, Errno.EINVAL)]
    [InlineData("25", P, 0, Errno.None)]
    [InlineData("103", 1, 1, Errno.EINVAL)]
    public void Vector(string number, long size, ulong flags, Errno expected)
    {
        var result = Create(new(), size, flags);

        Assert.True(result.Errno == expected, $"vector {number}: {result}");
    }

    [Fact]
    public void Vector_24_every_flag_is_unsupported()
    {
        var lab = new Lab();

        Assert.All(Enumerable.Range(0, 64), bit => Assert.Equal(Errno.EINVAL, Create(lab, P, 1ul << bit).Errno));
    }

    [Fact]
    public void Vector_25_two_files_have_two_inodes_and_keep_their_sizes()
    {
        var lab = new Lab();
        Create(lab, P, 0);
        Create(lab, 2 * P, 0);

        var inodes = lab.World.Actors.OfType<GmemInode>().Skip(1).ToList();

        Assert.Equal([1ul, 2ul], inodes.Select(inode => inode.PageCount));
        Assert.All(inodes, inode => Assert.Equal(1, inode.Files.Length));
    }

    [Fact]
    public void Without_a_free_descriptor_it_fails()
    {
        var lab = new Lab();
        while (!Create(lab, P, 0).IsErr)
        {
        }

        Assert.Equal(Errno.EMFILE, Create(lab, P, 0).Errno);
    }

    [Fact]
    public void The_new_file_can_be_bound()
    {
        var lab = new Lab();
        var fd = Create(lab, P, 0).Value;

        var errno = lab.SetRegion(new(0, KvmMem.GuestMemfd, 0x100000, (ulong)P, fd));

        Assert.Equal(Errno.None, errno);
        Assert.Equal(Errno.None, lab.Touch(Lab.First));
    }

    private static Result<int> Create(Lab lab, long size, ulong flags) =>
        lab.Call(current => GuestMemfd.KvmGmemCreate(current, lab.Vm, lab.Files, size, (GuestMemfdKind)flags));
}
