namespace GmemActors.Actors;

/// <summary>A bug that kernels had, or nearly had: one value here, one condition at its place in a path.</summary>
/// <remarks>
/// A version that had it has it set; any version can be given it with <see cref="KernelVersion.With"/>. Two bugs are the same if
/// they are the same object.
/// </remarks>
/// <param name="name">The name on the command line.</param>
/// <param name="id">The entry in the catalogue of bugs.</param>
/// <param name="title">What is wrong in the code.</param>
/// <param name="symptom">What comes of it.</param>
/// <param name="fix">What is right.</param>
/// <param name="source">Where it is described.</param>
public sealed class Bug(string name, string id, string title, string symptom, string fix, string source)
{
    /// <summary>Every bug, in the order of the catalogue.</summary>
    public static IReadOnlyList<Bug> All { get; } = [.. GuestMemfdBugs.All, .. MmuBugs.All, .. SnpBugs.All, .. TdxBugs.All];

    /// <summary>The name on the command line.</summary>
    public string Name { get; } = name;

    /// <summary>The entry in the catalogue of bugs.</summary>
    public string Id { get; } = id;

    /// <summary>What is wrong in the code.</summary>
    public string Title { get; } = title;

    /// <summary>What comes of it.</summary>
    public string Symptom { get; } = symptom;

    /// <summary>What is right.</summary>
    public string Fix { get; } = fix;

    /// <summary>Where it is described.</summary>
    public string Source { get; } = source;

    /// <summary>Whether no version here has it: a way that a mail weighs, or what a posted series had before it was merged.</summary>
    public bool IsWhatIf { get; init; }

    /// <summary>The bug of that name; null if there is none.</summary>
    public static Bug? Find(string name) => All.FirstOrDefault(bug => bug.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
