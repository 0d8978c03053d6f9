using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class ChangePointsTests
{
    [Fact]
    public void Every_set_of_steps_in_every_order_is_equally_likely()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 0ul; seed < 12_000; seed++)
        {
            var prng = new Prng(seed);
            var points = new ChangePoints(ref prng, count: 2, range: 4);
            var key = string.Concat(Enumerable.Range(1, 4).Select(_ => points.Count()));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        Assert.Equal(12, counts.Count);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(3, 3, 3)]
    [InlineData(99, 5, 5)]
    [InlineData(99, int.MaxValue, 99)]
    public void There_are_as_many_as_fit_all_different_and_in_range(int count, int range, int expected)
    {
        var prng = new Prng(3);
        var steps = new ChangePoints(ref prng, count, range).Steps.ToList();

        Assert.Equal(expected, steps.Distinct().Count());
        Assert.All(steps, step => Assert.InRange(step, 1, range));
        Assert.Equal(steps.Order(), steps);
    }
}
