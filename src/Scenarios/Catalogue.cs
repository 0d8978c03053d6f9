using GmemActors.Scenarios.Files;

namespace GmemActors.Scenarios;

/// <summary>The scenarios that come with the laboratory.</summary>
public static class Catalogue
{
    /// <summary>Every one of them: the files of the folder <c>scenarios</c>, then what a file cannot say.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. ScenarioFolder.Names.Select(ScenarioFolder.Read),
        new PrefaultObsoleteRoot(),
        new CreateTwoFiles(),
        new UnloadVsClose(),
    ];

    /// <summary>The scenario of that name; null if there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
