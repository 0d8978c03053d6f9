using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class PrngTests
{
    [Fact]
    public void It_is_SplitMix64_by_its_published_values()
    {
        var prng = new Prng(1234567);
        ulong[] published =
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];

        Assert.Equal(published, published.Select(_ => prng.Next()));
    }

    [Fact]
    public void Seed_zero_is_a_seed_like_any_other()
    {
        var prng = new Prng(0);

        Assert.Equal([0xE220A8397B1DCDAFul, 0x6E789E6AA1B965F4ul, 0x06C45D188009454Ful], [prng.Next(), prng.Next(), prng.Next()]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    public void A_number_below_a_count_is_uniform_and_in_range(int count)
    {
        var prng = new Prng(42);
        var counts = new int[count];

        for (var i = 0; i < 20_000; i++) counts[prng.Below(count)]++;

        if (count > 1) ChiSquare.AssertUniform(counts);
    }

    [Fact]
    public void A_number_below_the_largest_count_is_in_range_and_uniform_in_its_upper_bits()
    {
        var prng = new Prng(7);
        var counts = new int[16];

        for (var i = 0; i < 20_000; i++) counts[prng.Below(int.MaxValue) >> 27]++;

        ChiSquare.AssertUniform(counts);
    }

    [Fact]
    public void A_number_below_nothing_is_our_bug() => Assert.Throws<InternalErrorException>(() => new Prng(1).Below(0));

    [Fact]
    public void Two_streams_of_one_seed_are_independent() => AssertIndependent(seed => (Prng.Stream(seed, 1), Prng.Stream(seed, 2)));

    [Fact]
    public void One_stream_of_neighbouring_seeds_is_independent() =>
        AssertIndependent(seed => (Prng.Stream(seed, 1), Prng.Stream(seed + 1, 1)));

    [Fact]
    public void A_stream_is_a_function_of_seed_and_number()
    {
        var (one, again) = (Prng.Stream(5, 2), Prng.Stream(5, 2));

        Assert.Equal(one.Next(), again.Next());
        Assert.Distinct(Enumerable.Range(0, 1000).Select(i => Prng.Stream((ulong)i / 10, (ulong)i % 10).Next()));
    }

    private static void AssertIndependent(Func<ulong, (Prng, Prng)> streams)
    {
        var counts = new int[64];
        for (var seed = 0ul; seed < 6_400; seed++)
        {
            var (one, other) = streams(seed);
            counts[(one.Below(8) * 8) + other.Below(8)]++;
        }

        ChiSquare.AssertUniform(counts);
    }
}
