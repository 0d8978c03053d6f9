using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

/// <summary>A world with some of everything: locks of each kind, what is told, tasks that start others, choices and retries.</summary>
internal static class Busy
{
    internal static void Build(World world) => Build(world, choices: 1);

    internal static void Build(World world, int choices)
    {
        var shared = world.Add(new Cell("shared", owner => new RwLock(owner, "rwlock")));
        var queue = world.Add(new Cell("queue", owner => new FirstComeLock(owner, "fair")));
        var flag = world.Add(new Cell("flag"));
        for (var i = 0; i < 3; i++) world.Spawn($"reader{i}", current => Reads(current, shared, queue, choices));
        for (var i = 0; i < 2; i++) world.Locker($"locker{i}", shared, queue);
        world.Poller("poller", flag);
        world.Spawn("parent", async current =>
        {
            current.Tell(queue, new Touch("!"));
            var child = current.Spawn("child", child => Reads(child, shared, queue, choices));
            await current.Ask(queue, new Touch());
            await current.Join(child);
            await current.Ask(flag, new Write(1));
            current.Tell(shared, new Touch("!"));
        });
    }

    private static async Path Reads(KernelTask current, Cell shared, Cell queue, int choices)
    {
        await current.Ask(shared, new Take(LockMode.Shared));
        await current.Ask(shared, new Read());
        current.Choose(choices, "nothing that matters");
        await current.Ask(shared, new Drop());
        await current.Ask(queue, new Touch());
    }
}
