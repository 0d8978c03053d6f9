namespace GmemActors.Actors;

/// <summary>A generation of the kernel's code, named by what differs in it.</summary>
/// <remarks>
/// A path asks for the bug or the field, never for "this version or later". Where these two generations differ in what is
/// modelled, they differ by bugs alone; each bug names its source.
/// </remarks>
public sealed class KernelVersion
{
    /// <summary>
    /// The first guest_memfd, as posted in September 2023: RFC v12 of "KVM: guest_memfd() and per-page attributes".
    /// </summary>
    /// <remarks>
    /// Begin and end are not balanced, and stand back to back in punch hole, as the mail that reviews it shows (B2.1, B2.5). That
    /// it looked at one file alone and let bindings change in between are the mail's what-ifs (B2.4, B2.6): they are set so
    /// that this generation shows all four.
    /// </remarks>
    public static readonly KernelVersion GmemV12 = new(
        "gmem-v12",
        "V1",
        "first guest_memfd, RFC v12 of September 2023",
        Bug.BeginWithoutEnd.Mask | Bug.OnlyCallersFile.Mask | Bug.TruncateOutside.Mask | Bug.BindingsNotFrozen.Mask);

    /// <summary>
    /// Linux 6.8, the first release with guest_memfd: begin and end are balanced, pages are cleared when looked up.
    /// </summary>
    public static readonly KernelVersion Linux68 = new("6.8", "V2", "first release with guest_memfd, March 2024", 0);

    private readonly ulong _bugs;

    private KernelVersion(string name, string generation, string summary, ulong bugs)
    {
        Name = name;
        Generation = generation;
        Summary = summary;
        _bugs = bugs;
        Bugs = [.. Bug.All.Where(Has)];
    }

    /// <summary>Every version, oldest first.</summary>
    public static IReadOnlyList<KernelVersion> All { get; } = [GmemV12, Linux68];

    /// <summary>
    /// The name on the command line, with the bugs that were put into it: <c>6.8+truncate-outside</c>.
    /// </summary>
    public string Name { get; }

    /// <summary>The generation of gmem's code: V1, V2.</summary>
    public string Generation { get; }

    /// <summary>What it is.</summary>
    public string Summary { get; }

    /// <summary>The bugs it has.</summary>
    public IReadOnlyList<Bug> Bugs { get; }

    /// <summary>The version of that name; null if there is none.</summary>
    public static KernelVersion? Find(string name) => All.FirstOrDefault(version => version.Name == name);

    /// <summary>Whether it has a bug.</summary>
    public bool Has(Bug bug) => (_bugs & bug.Mask) != 0;

    /// <summary>This version with one bug more; itself if it has it already.</summary>
    public KernelVersion With(Bug bug) =>
        Has(bug) ? this : new($"{Name}+{bug.Name}", Generation, Summary, _bugs | bug.Mask);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
