namespace GmemActors.Engine;

/// <summary>The mixture of strategies that is explored with by default: which one, is a function of the seed alone.</summary>
/// <remarks>No strategy finds most of all bugs: on the data published with SURW, each of four misses some that another finds.</remarks>
public static class Portfolio
{
    private const ulong Stream = 3;

    /// <summary>The strategies, each with its share.</summary>
    internal static IReadOnlyList<(StrategyChoice Choice, int Weight)> Shares { get; } =
    [
        (Strategies.Of("random"), 3),
        (Strategies.Of("pos"), 3),
        (Strategies.Of("pct:2"), 1),
        (Strategies.Of("pct:3"), 1),
        (Strategies.Of("pct:5"), 1),
        (Strategies.Of("pctcp:3"), 1),
        (Strategies.Of("surw"), 2),
        (Strategies.Of("delay:2"), 1),
    ];

    /// <summary>The sum of all shares.</summary>
    internal static int Sum { get; } = Shares.Sum(share => share.Weight);

    /// <summary>The strategy of a seed.</summary>
    public static StrategyChoice Pick(ulong seed)
    {
        var prng = Prng.Stream(seed, Stream);
        var point = prng.Below(Sum);
        foreach (var (choice, weight) in Shares)
        {
            point -= weight;
            if (point < 0) return choice;
        }

        throw new InternalErrorException("a weighted draw beyond its sum");
    }
}
