using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class RoundRobinTests
{
    private static Model Three { get; } = new("three", world => Build(world));

    [Fact]
    public void Tasks_take_turns_and_the_seed_says_who_begins()
    {
        var known = Calibration.Of(Three);

        var counts = Toys.Tally(3_000, seed => new RoundRobin(seed, known), Build);

        Assert.Equal(["abcabc", "bcabca", "cabcab"], counts.Keys);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Fact]
    public void Whoever_waits_misses_its_turn()
    {
        var log = new Cell("log");
        Toys.Run(new RoundRobin(0, Calibration.Of(new("empty", _ => { }))), world =>
        {
            var gate = world.Add(new Cell("gate"));
            world.Add(log);
            world.Spawn("a", async current =>
            {
                await current.Ask(gate, new PassGate());
                await current.Ask(log, new Touch());
            });
            world.Toucher("b", log, 2);
            world.Spawn("c", async current =>
            {
                await current.Ask(log, new Touch());
                await current.Ask(gate, new OpenGate());
                await current.Ask(log, new Touch());
            });
        });

        Assert.Equal("bcbca", log.Order);
    }

    private static Func<string> Build(World world)
    {
        var cell = world.Add(new Cell("x"));
        foreach (var name in "abc") world.Toucher(name.ToString(), cell, 2);
        return () => cell.Order;
    }
}
