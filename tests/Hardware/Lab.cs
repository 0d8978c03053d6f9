using GmemActors.Engine;

namespace GmemActors.Tests.Hardware;

/// <summary>Actors without competition: each path runs to its end before the next one begins.</summary>
internal sealed class Lab
{
    private readonly World _world = new(new RandomWalk(1), stepLimit: 1_000_000);

    internal Lab(params ReadOnlySpan<Actor> actors)
    {
        foreach (var actor in actors) _world.Add(actor);
    }

    internal T Ask<T>(Actor actor, Message<T> message) => Do(current => Send(current, actor, message));

    internal T Do<T>(Func<KernelTask, Path<T>> path)
    {
        var result = default(T);
        _world.Spawn("cpu", Body);
        Assert.Null(_world.Run());
        return result!;

        async Path Body(KernelTask current) => result = await path(current);
    }

    /// <summary>Tries many interleavings of what <paramref name="build"/> sets up; none may find anything.</summary>
    internal static void Explore(int seeds, Action<World> build)
    {
        var tally = new Explorer(new Model("lab", build, 10_000), seed => new RandomWalk(seed)).Explore(1, seeds);

        Assert.Empty(tally.Findings);
        Assert.Equal(seeds, tally.Schedules);
    }

    private static async Path<T> Send<T>(KernelTask current, Actor actor, Message<T> message) => await current.Ask(actor, message);
}
