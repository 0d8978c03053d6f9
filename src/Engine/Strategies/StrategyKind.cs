namespace GmemActors.Engine;

/// <summary>A strategy as a user knows it.</summary>
/// <param name="Name">The name to type.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="DefaultDepth">Its depth where none is given; null if it has none.</param>
/// <param name="Factory">Makes it from a seed, a calibration and a depth (0 if it has none).</param>
public sealed record StrategyKind(
    string Name, string Summary, int? DefaultDepth, Func<ulong, Calibration, int, Strategy> Factory)
{
    /// <summary>What can be typed: <c>random</c>, <c>pct[:depth]</c>.</summary>
    public string Usage => DefaultDepth is null ? Name : $"{Name}[:depth]";
}

/// <summary>A strategy with its depth.</summary>
/// <param name="Kind">Which strategy.</param>
/// <param name="Depth">Its depth; 0 if it has none.</param>
public sealed record StrategyChoice(StrategyKind Kind, int Depth)
{
    /// <summary>The canonical text, which <see cref="Strategies.TryParse"/> reads back: <c>random</c>, <c>pct:3</c>.</summary>
    public string Token => Depth == 0 ? Kind.Name : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Kind.Name}:{Depth}");

    /// <summary>Makes the strategy for one execution.</summary>
    public Strategy Create(ulong seed, Calibration calibration) => Kind.Factory(seed, calibration, Depth);
}
