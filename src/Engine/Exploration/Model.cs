namespace GmemActors.Engine;

/// <summary>What is explored: how to build a world, from nothing, the same each time.</summary>
/// <param name="Name">The name in reports and schedules.</param>
/// <param name="Build">Adds actors, tasks and properties to an empty world.</param>
/// <param name="StepLimit">So many steps end an execution that did not end by itself.</param>
public sealed record Model(string Name, Action<World> Build, long StepLimit = World.DefaultStepLimit)
{
    /// <summary>What is looked for.</summary>
    public Watchers Watch { get; init; } = Watchers.All;
}
