using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>Finds what a user means by a name, or says what would be right.</summary>
internal static class Names
{
    internal static Subject Scenario(Laboratory laboratory, string name)
    {
        if (laboratory.Subjects.FirstOrDefault(subject => subject.Name == name) is { } found) return found;
        return IsPath(name) ? laboratory.Open(name) : throw Unknown("scenario", name, laboratory.Subjects.Select(subject => subject.Name));
    }

    internal static string Kernel(Laboratory laboratory, string name) => Entry("kernel", laboratory.Kernels, name);

    /// <summary>A kernel version that a scenario is for.</summary>
    internal static string Kernel(Laboratory laboratory, Subject subject, string name) => subject.Kernels.Contains(Kernel(laboratory, name))
        ? name
        : throw new MisuseException($"scenario {subject.Name} is not for kernel {name}: it is for {string.Join(", ", subject.Kernels)}");

    /// <summary>Bugs, separated by commas or given one by one; each counts once.</summary>
    internal static IReadOnlyList<string> Bugs(Laboratory laboratory, IEnumerable<string> names) =>
    [
        .. names.SelectMany(name => name.Split(',')).Select(name => Entry("bug", laboratory.Bugs, name)).Distinct(),
    ];

    internal static StrategyChoice Strategy(string token) =>
        Strategies.TryParse(token, out var choice, out var error) ? choice : throw new MisuseException(error);

    /// <summary>What was typed, and what may have been meant; <paramref name="otherwise"/> if nothing comes near.</summary>
    internal static string Meant(string typed, IEnumerable<string> known, string otherwise)
    {
        var near = Nearest.To(typed, known);
        return $"{MisuseException.Quote(typed)}; {(near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : otherwise)}";
    }

    private static MisuseException Unknown(string what, string name, IEnumerable<string> known) =>
        new($"no {what} {Meant(name, known, $"see 'gmem list {what}s'")}");

    private static string Entry(string what, IReadOnlyList<Entry> entries, string name) =>
        entries.Any(entry => entry.Name == name) ? name : throw Unknown(what, name, entries.Select(entry => entry.Name));

    private static bool IsPath(string name) =>
        name.Contains('/') || name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal);
}
