using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GmemActors.Engine;

/// <summary>The list of all strategies, and how their names are read.</summary>
public static class Strategies
{
    private const int MaximalDepth = 100;

    /// <summary>Every strategy, a line each.</summary>
    public static IReadOnlyList<StrategyKind> All { get; } =
    [
        new("portfolio", "Mixes the others: the seed picks one.", null, (seed, known, _) => Portfolio.Pick(seed).Create(seed, known)),
        new("random", "Delivers any message that can be delivered, each with the same probability.", null, (seed, _, _) => new RandomWalk(seed)),
        new("pos", "Gives every message a random priority, drawn anew when another reaches the same actor first.", null, (seed, _, _) => new Pos(seed)),
        new("pct", "Gives every task a random priority, and lowers the running one at depth − 1 random steps.", 3, (seed, known, depth) => new Pct(seed, known, depth)),
        new("pctcp", "Does as pct, but with chains of messages that cause one another instead of tasks.", 3, (seed, known, depth) => new ChainPct(seed, known, depth)),
        new("surw", "Samples the orders in which one actor is reached as uniformly as it can; the seed picks the actor.", null, (seed, known, _) => new Surw(seed, known)),
        new("delay", "Runs each task for as long as it can, but for at most depth random delays.", 2, (seed, known, depth) => new DelayBounded(seed, known, depth)),
        new("round-robin", "Delivers one message of each task in turn; the seed says who begins, and who goes on after a retry.", null, (seed, known, _) => new RoundRobin(seed, known)),
    ];

    /// <summary>The strategy that a token names, known to be right.</summary>
    /// <exception cref="InternalErrorException">There is no such strategy.</exception>
    public static StrategyChoice Of(string token) =>
        TryParse(token, out var choice, out var error) ? choice : throw new InternalErrorException(error);

    /// <summary>Reads a name, or a name with its depth: <c>pct:5</c>.</summary>
    /// <param name="token">What was typed.</param>
    /// <param name="choice">The strategy, if there is one.</param>
    /// <param name="error">Otherwise one line: what is wrong, and what would be right.</param>
    public static bool TryParse(
        string token, [NotNullWhen(true)] out StrategyChoice? choice, [NotNullWhen(false)] out string? error)
    {
        choice = null;
        var colon = token.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? token : token[..colon];
        if (All.FirstOrDefault(known => known.Name == name) is not { } kind)
        {
            error = Unknown(name);
            return false;
        }

        var depth = kind.DefaultDepth ?? 0;
        error = colon < 0 ? null : ReadDepth(kind, token[(colon + 1)..], out depth);
        if (error is not null) return false;
        choice = new(kind, depth);
        return true;
    }

    private static string? ReadDepth(StrategyKind kind, string text, out int depth)
    {
        depth = 0;
        if (kind.DefaultDepth is null) return $"strategy '{kind.Name}' has no depth: write '{kind.Name}'";
        var isDepth = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out depth) && depth is >= 1 and <= MaximalDepth;
        return isDepth ? null : $"'{text}' is no depth of '{kind.Name}': write a number from 1 to {MaximalDepth}, as in '{kind.Name}:{kind.DefaultDepth}'";
    }

    private static string Unknown(string name)
    {
        var near = Nearest.To(name, All.Select(kind => kind.Name));
        var hint = near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", near)}?";
        return $"no strategy '{name}'{hint} (there are: {string.Join(", ", All.Select(kind => kind.Usage))})";
    }
}
