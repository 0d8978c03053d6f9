using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class NearestTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("punch", "pucnh", 1)]
    [InlineData("ca", "abc", 3)]
    [InlineData("fault", "faults", 1)]
    public void The_distance_counts_single_typing_errors(string one, string other, int expected)
    {
        Assert.Equal(expected, Nearest.Distance(one, other));
        Assert.Equal(expected, Nearest.Distance(other, one));
    }

    [Fact]
    public void The_nearest_come_first_and_no_more_than_three()
    {
        string[] names = ["punch-hole", "punch-holes", "punch-mole", "punch-hale", "fault"];

        Assert.Equal(["punch-hole", "punch-holes", "punch-hale"], Nearest.To("punch-hole", names));
    }

    [Fact]
    public void What_is_far_from_everything_is_near_to_nothing() => Assert.Empty(Nearest.To("xyzzy", ["pct", "random"]));
}
