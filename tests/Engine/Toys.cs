using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

/// <summary>What tests of the engine say often.</summary>
public static class Toys
{
    public static TheoryData<string> EveryStrategy =>
        ["random", "pos", "pct:1", "pct:3", "pct:5", "pctcp:3", "surw", "delay:1", "delay:3", "round-robin", "portfolio"];

    internal static (World World, Finding? Finding) Run(Strategy strategy, Action<World> build, long stepLimit = 10_000)
    {
        var world = new World(strategy, stepLimit);
        build(world);
        return (world, world.Run());
    }

    internal static Finding? Find(Action<World> build, params string[] script) => Run(new Script(script), build).Finding;

    /// <summary>Counts the outcomes over the seeds 0 … <paramref name="runs"/> − 1.</summary>
    internal static SortedDictionary<string, int> Tally(int runs, Func<ulong, Strategy> strategy, Func<World, Func<string>> build)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 0ul; seed < (ulong)runs; seed++)
        {
            var world = new World(strategy(seed));
            var outcome = build(world);
            Assert.Null(world.Run());
            counts[outcome()] = counts.GetValueOrDefault(outcome()) + 1;
        }

        return counts;
    }

    /// <summary>A task that touches a cell a number of times.</summary>
    internal static KernelTask Toucher(this World world, string name, Cell cell, int times) =>
        world.Spawn(name, async current =>
        {
            for (var i = 0; i < times; i++) await current.Ask(cell, new Touch());
        });

    /// <summary>A task that takes locks in turn and gives them back.</summary>
    internal static KernelTask Locker(this World world, string name, params Cell[] cells) =>
        world.Spawn(name, async current =>
        {
            foreach (var cell in cells) await current.Ask(cell, new Take());
            foreach (var cell in cells) await current.Ask(cell, new Drop());
        });

    /// <summary>A task that looks at a cell until its value is not what it was at first.</summary>
    internal static KernelTask Poller(this World world, string name, Cell cell) =>
        world.Spawn(name, async current =>
        {
            while (await current.Ask(cell, new Read()) == 0) current.Retry("value == 0");
        });
}

/// <summary>Delivers the message of the task it names next; when the names are used up, the first that it is offered.</summary>
internal sealed class Script(params string[] names) : Strategy(0)
{
    private int _step;

    /// <summary>Whose messages could be delivered, at each step.</summary>
    internal List<string> Offers { get; } = [];

    public override Pending Next(EnabledSet enabled)
    {
        var offered = new List<Pending>();
        foreach (var pending in enabled) offered.Add(pending);
        Offers.Add(string.Join(' ', offered.Select(pending => pending.Sender.Name).Order(StringComparer.Ordinal)));
        if (_step == names.Length) return offered[0];
        var name = names[_step++];
        return offered.Find(pending => pending.Sender.Name == name)
            ?? throw new InvalidOperationException($"step {_step}: {name} is not among {Offers[^1]}");
    }
}
