using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class SurwTests
{
    private const int Runs = 10_000;

    [Fact]
    public void Every_interleaving_of_two_chains_is_equally_likely()
    {
        var known = Calibration.Of(new("chains", world => Chains(world)));

        var counts = Toys.Tally(Runs, seed => new Surw(seed, known), Chains);

        Assert.Equal(10, counts.Count);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Fact]
    public void A_random_walk_is_far_from_that()
    {
        var counts = Toys.Tally(Runs, seed => new RandomWalk(seed), Chains);

        Assert.Equal(10, counts.Count);
        Assert.True(ChiSquare.Of(counts.Values, [.. counts.Select(_ => 1)]) > 10 * ChiSquare.Bound(9));
    }

    [Fact]
    public void Steps_elsewhere_make_no_order_less_likely()
    {
        var known = Calibration.Of(new("noisy", world => NoisyChains(world)));

        var counts = Toys.Tally(Runs, seed => new Surw(seed, known), NoisyChains);

        Assert.Equal(10, counts.Count);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Fact]
    public void The_seed_picks_the_actor()
    {
        var known = Calibration.Of(new("two", world => TwoActors(world)));

        var counts = Toys.Tally(Runs, seed => new Surw(seed, known), TwoActors);

        // In the half of the executions where it is x, each of the 10 orders at x comes up in 1 of 10.
        Assert.Equal([0, 1], known.ContestedActors);
        Assert.Equal(20, counts.Count);
        Assert.All(counts.GroupBy(outcome => outcome.Key[..5]), order => Assert.True(order.Sum(outcome => outcome.Value) > Runs / 22));
    }

    [Fact]
    public void Without_an_actor_that_several_tasks_speak_to_it_is_a_random_walk()
    {
        var known = Calibration.Of(new("alone", Alone));
        var (surw, _) = Toys.Run(new Surw(1, known), Alone);

        Assert.Empty(known.ContestedActors);
        Assert.All(surw.Tasks, task => Assert.True(task.HasExited));

        static void Alone(World world)
        {
            foreach (var name in "ab") world.Toucher(name.ToString(), world.Add(new Cell($"of-{name}")), 3);
        }
    }

    private static Func<string> Chains(World world)
    {
        var cell = world.Add(new Cell("x"));
        world.Toucher("a", cell, 2);
        world.Toucher("b", cell, 3);
        return () => cell.Order;
    }

    private static Func<string> NoisyChains(World world)
    {
        var cell = world.Add(new Cell("x"));
        var aside = world.Add(new Cell("aside"));
        world.Spawn("a", async current =>
        {
            for (var i = 0; i < 5; i++) await current.Ask(aside, new Touch());
            for (var i = 0; i < 2; i++) await current.Ask(cell, new Touch());
        });
        world.Toucher("b", cell, 3);
        return () => cell.Order;
    }

    private static Func<string> TwoActors(World world)
    {
        var (x, y) = (world.Add(new Cell("x")), world.Add(new Cell("y")));
        foreach (var (name, times) in new[] { ("a", 2), ("b", 3) })
        {
            world.Spawn(name, async current =>
            {
                for (var i = 0; i < times; i++) await current.Ask(x, new Touch());
                await current.Ask(y, new Touch());
            });
        }

        return () => $"{x.Order} {y.Order}";
    }
}
