namespace GmemActors.Scenarios;

/// <summary>The scenarios that come with the laboratory.</summary>
public static class Catalogue
{
    /// <summary>Every one of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new PunchHoleUnbound(),
        new PunchHoleVsFault(),
        new PunchHoleTwoVms(),
        new PunchHoleVsUnbind(),
        new DeleteSlotVsClose(),
        new PrefaultVsDelete(),
        new PrefaultObsoleteRoot(),
        new PrefaultVsZapAll(),
        new CreateTwoFiles(),
        new UnloadVsClose(),
        new ToggleVsPunch(),
        new MemoryFailureVsFault(),
        new MemoryFailureVsPunch(),
    ];

    /// <summary>The scenario of that name; null if there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
