using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class PctTests
{
    private const int Length = 8;

    private static Model Race { get; } = new("race", world => BuildRace(world));

    public static TheoryData<string> Both => ["pct", "pctcp"];

    [Theory]
    [MemberData(nameof(Both))]
    public void Each_task_is_as_likely_to_be_first_and_then_runs_to_its_end(string kind)
    {
        var counts = Toys.Tally(6_000, seed => Make(kind, seed, Calibration.Of(Race), depth: 1), world =>
        {
            var cell = world.Add(new Cell("x"));
            foreach (var name in "abc") world.Toucher(name.ToString(), cell, 2);
            return () => cell.Order;
        });

        Assert.Equal(["aabbcc", "aaccbb", "bbaacc", "bbccaa", "ccaabb", "ccbbaa"], counts.Keys);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Theory]
    [InlineData("pct", 1)]
    [InlineData("pct", 2)]
    [InlineData("pct", 5)]
    [InlineData("pctcp", 1)]
    [InlineData("pctcp", 4)]
    public void Priorities_change_exactly_depth_minus_one_times(string kind, int depth)
    {
        // So long that every step that was counted in calibration has a choice here too.
        var calibration = Calibration.Of(Race);
        for (var seed = 0ul; seed < 200; seed++)
        {
            var strategy = Make(kind, seed, calibration, depth);
            Toys.Run(strategy, world =>
            {
                var cell = world.Add(new Cell("x"));
                foreach (var name in "abcd") world.Toucher(name.ToString(), cell, 2 * Length);
            });

            Assert.Equal(depth - 1, strategy.Changes);
        }
    }

    [Theory]
    [InlineData("pct", 2)]
    [InlineData("pct", 3)]
    [InlineData("pctcp", 2)]
    [InlineData("pctcp", 3)]
    public void A_bug_of_a_depth_is_found_with_the_probability_that_theory_promises(string kind, int depth)
    {
        const int Runs = 20_000;
        var calibration = Calibration.Of(Race);
        var bug = depth == 2 ? "aaabbaaaaa" : "aaabaaaaab";
        var promised = 1 / (2 * Math.Pow(kind == "pct" ? calibration.TaskChoices : calibration.Choices, depth - 1));

        var counts = Toys.Tally(Runs, seed => Make(kind, seed, calibration, depth), BuildRace);

        Assert.True(counts.GetValueOrDefault(bug) >= Runs * promised, $"{counts.GetValueOrDefault(bug)} < {Runs * promised}");
    }

    [Fact]
    public void A_bug_beyond_the_depth_is_not_found()
    {
        var counts = Toys.Tally(2_000, seed => new Pct(seed, Calibration.Of(Race), depth: 1), BuildRace);

        Assert.Equal(["aaaaaaaabb", "bbaaaaaaaa"], counts.Keys);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void What_a_task_told_may_come_after_its_later_requests(string kind)
    {
        var counts = Toys.Tally(500, seed => Make(kind, seed, Calibration.Of(Race), depth: 1), BuildTell);

        Assert.Equal(["after", "before"], counts.Keys);
    }

    [Fact]
    public void What_a_task_told_last_joins_its_chain()
    {
        var counts = Toys.Tally(500, seed => new ChainPct(seed, Calibration.Of(Race), depth: 1), world =>
        {
            var cell = world.Add(new Cell("x"));
            world.Spawn("a", async current =>
            {
                await current.Ask(cell, new Touch());
                current.Tell(cell, new Touch("!"));
                current.Tell(cell, new Touch("?"));
            });
            world.Toucher("b", cell, 2);
            return () => cell.Order;
        });

        Assert.Equal(["aa!a?bb", "bbaa!a?"], counts.Keys);
    }

    [Fact]
    public void A_task_that_is_started_as_the_last_thing_goes_on_with_the_chain()
    {
        var counts = Toys.Tally(500, seed => new ChainPct(seed, Calibration.Of(Race), depth: 1), world =>
        {
            var cell = world.Add(new Cell("x"));
            world.Spawn("a", async current =>
            {
                await current.Ask(cell, new Touch());
                current.Spawn("c", async child => await child.Ask(cell, new Touch()));
            });
            world.Toucher("b", cell, 2);
            return () => cell.Order;
        });

        Assert.Equal(["acbb", "bbac"], counts.Keys);
    }

    private static PriorityStrategy Make(string kind, ulong seed, Calibration calibration, int depth) =>
        kind == "pct" ? new Pct(seed, calibration, depth) : new ChainPct(seed, calibration, depth);

    private static Func<string> BuildRace(World world)
    {
        var cell = world.Add(new Cell("x"));
        world.Toucher("a", cell, Length);
        world.Toucher("b", cell, 2);
        return () => cell.Order;
    }

    private static Func<string> BuildTell(World world)
    {
        var (told, asked) = (world.Add(new Cell("told")), world.Add(new Cell("asked")));
        var outcome = "after";
        world.Spawn("a", async current =>
        {
            current.Tell(told, new Write(1));
            await current.Ask(asked, new Touch());
            if (await current.Ask(asked, new Read()) == 0 && told.Value == 1) outcome = "before";
        });
        return () => outcome;
    }
}
