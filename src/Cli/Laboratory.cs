using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>What there is to explore: all that the command knows of the model.</summary>
internal sealed record Laboratory(
    IReadOnlyList<Subject> Subjects, IReadOnlyList<Entry> Kernels, IReadOnlyList<Entry> Bugs)
{
    /// <summary>What tasks of a scenario file can do.</summary>
    internal IReadOnlyList<Entry> Operations { get; init; } = [];

    /// <summary>Reads the scenario of a file.</summary>
    internal Func<string, Subject> Open { get; init; } =
        file => throw new MisuseException($"{MisuseException.Quote(file)} is a file, and there are no files here");
}

/// <summary>A scenario.</summary>
/// <param name="Name">The name to type.</param>
/// <param name="Point">What it shows, in one sentence.</param>
/// <param name="Kernels">The kernel versions it is explored in, oldest first.</param>
/// <param name="In">The scenario in a kernel version, with bugs put into it.</param>
internal sealed record Subject(
    string Name, string Point, IReadOnlyList<string> Kernels, Func<string, IReadOnlyList<string>, Expectation> In)
{
    /// <summary>The file it was read from; null if it is one of those that come with the laboratory.</summary>
    internal string? File { get; init; }

    /// <summary>The bug that it is there to show; null if there is none of a name.</summary>
    internal string? Bug { get; init; }

    /// <summary>What to type for it.</summary>
    internal string Typed => File is null ? Name : Shell.Word(File);
}

/// <summary>A model, and the findings that are no surprise in it.</summary>
/// <param name="Model">What is explored.</param>
/// <param name="Shows">What it is there to show, in words: not to find it is a failure. Null if there is no such thing.</param>
/// <param name="IsShown">Whether a finding is that one.</param>
/// <param name="IsExpected">Whether a finding is that one, or another that is no surprise.</param>
internal sealed record Expectation(
    Model Model, string? Shows, Func<Finding, bool> IsShown, Func<Finding, bool> IsExpected)
{
    /// <summary>Whether it has shown what it can: a finding that was to be shown, or a surprise.</summary>
    internal bool Ends(Finding finding) => Shows is null || IsShown(finding) || !IsExpected(finding);

    /// <summary>A model in which every finding is a surprise.</summary>
    internal static Expectation None(Model model) => new(model, null, _ => false, _ => false);

    /// <summary>A model that is there to show one finding and no other.</summary>
    internal static Expectation Of(Model model, string shows, Func<Finding, bool> isShown) => new(model, shows, isShown, isShown);
}

/// <summary>Something with a name that <c>gmem list</c> shows.</summary>
/// <param name="Name">The name to type.</param>
/// <param name="Summary">What it is, in one sentence.</param>
/// <param name="Facts">What else is known of it, as names and values.</param>
internal sealed record Entry(string Name, string Summary, IReadOnlyList<KeyValuePair<string, string>> Facts);
