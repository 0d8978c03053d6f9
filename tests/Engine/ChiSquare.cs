namespace GmemActors.Tests.Engine;

/// <summary>Pearson's test: how far counts are from what was expected.</summary>
internal static class ChiSquare
{
    /// <summary>Fails if counts so far from equal come up less than once in a thousand times.</summary>
    internal static void AssertUniform(IReadOnlyCollection<int> counts) => AssertShares(counts, [.. counts.Select(_ => 1)]);

    /// <summary>Fails if counts so far from these shares come up less than once in a thousand times.</summary>
    internal static void AssertShares(IReadOnlyCollection<int> counts, IReadOnlyList<int> shares)
    {
        var value = Of(counts, shares);
        Assert.True(value < Bound(counts.Count - 1), $"chi-square {value:F1} of {string.Join(' ', counts)}");
    }

    internal static double Of(IReadOnlyCollection<int> counts, IReadOnlyList<int> shares)
    {
        Assert.Equal(shares.Count, counts.Count);
        var unit = (double)counts.Sum() / shares.Sum();
        return counts.Zip(shares, (count, share) => Math.Pow(count - (share * unit), 2) / (share * unit)).Sum();
    }

    // Wilson and Hilferty's approximation of the 99.9 % quantile.
    internal static double Bound(int freedom)
    {
        var spread = 2.0 / (9 * freedom);
        return freedom * Math.Pow(1 - spread + (3.09 * Math.Sqrt(spread)), 3);
    }
}
