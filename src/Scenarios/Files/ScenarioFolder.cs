using System.Reflection;

namespace GmemActors.Scenarios.Files;

/// <summary>The scenario files that come with the laboratory: those of the folder <c>scenarios</c>, which are part of the program.</summary>
public static class ScenarioFolder
{
    private const string Extension = ".yaml";

    /// <summary>The names of all of them, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. from resource in Assembly.GetExecutingAssembly().GetManifestResourceNames()
           where resource.EndsWith(Extension, StringComparison.Ordinal)
           orderby resource
           select resource[..^Extension.Length],
    ];

    /// <summary>The text of one of them.</summary>
    public static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name + Extension)!;
        using var reader = new System.IO.StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>One of them as a scenario.</summary>
    public static FileScenario Read(string name) => new(ScenarioParser.Parse(Text(name)));
}
