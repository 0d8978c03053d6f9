using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class ExplorerTests
{
    [Fact]
    public void A_finding_stops_at_the_first_seed_that_shows_it_and_replays_to_the_same_step()
    {
        var explorer = LostUpdate.Explorer(LostUpdate.Model(2));

        var found = Assert.Single(explorer.Explore(1, 1000).Findings);
        var replayed = explorer.Replay(found.Seed);

        Assert.Equal(found.Finding, replayed.Finding);
        Assert.Equal(found.Finding.Step, replayed.Trace.Count);
    }

    [Fact]
    public void Two_ranges_add_up_to_the_range_of_both()
    {
        var explorer = LostUpdate.Explorer(LostUpdate.Model(3));

        var whole = explorer.Explore(1, 2000, ends: _ => false);
        var sum = explorer.Explore(1, 700, ends: _ => false);
        sum.Add(explorer.Explore(701, 1300, ends: _ => false));

        Assert.Equal(whole.Schedules, sum.Schedules);
        Assert.Equal(whole.Steps, sum.Steps);
        Assert.Equal(whole.Orders, sum.Orders);
        Assert.Equal(whole.Distinct.Count, sum.Distinct.Count);
        Assert.Equal(whole.Sometimes, sum.Sometimes);
        Assert.Equal(whole.Findings, sum.Findings);
    }

    [Fact]
    public void Equal_seeds_give_equal_traces_and_other_seeds_other_traces()
    {
        var explorer = LostUpdate.Explorer(LostUpdate.Model(4));
        var traces = Enumerable.Range(1, 1000).Select(seed => explorer.Replay((ulong)seed).Fingerprint).ToList();
        var again = Enumerable.Range(1, 1000).Select(seed => explorer.Replay((ulong)seed).Fingerprint).ToList();

        Assert.Equal(traces, again);
        Assert.True(traces.Distinct().Count() > 700);
    }

    [Fact]
    public void A_model_that_is_not_the_same_each_time_is_told_with_the_step()
    {
        var runs = 0;
        var model = new Model("fickle", world =>
        {
            var number = world.Add(new Number("number"));
            var value = runs++;
            world.Spawn("task", async current =>
            {
                await current.Ask(number, new ReadNumber());
                await current.Ask(number, new WriteNumber(value));
                await current.Ask(number, new ReadNumber());
            });
        });

        var difference = LostUpdate.Explorer(model).Difference(1);

        Assert.StartsWith("step 2: once task write_number(0) number = '', then task write_number(1) number = ''", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_throws_is_our_bug_and_names_its_seed()
    {
        var model = new Model("throws", world => world.Spawn("task", _ => throw new InvalidOperationException("oops")));

        var error = Assert.Throws<InternalErrorException>(() => LostUpdate.Explorer(model).Explore(7, 1));

        Assert.Equal("throws, seed 7, step 0: oops", error.Message);
    }

    [Fact]
    public void What_must_happen_sometimes_is_counted_by_executions()
    {
        var tally = LostUpdate.Explorer(LostUpdate.Model(2)).Explore(1, 500, ends: _ => false);

        Assert.Equal(500, tally.Sometimes["the number is one"]);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3_000)]
    [InlineData(200_000)]
    public void A_sketch_counts_what_differs_within_five_percent(int different)
    {
        var sketch = new OrderSketch();
        for (var twice = 0; twice < 2; twice++)
        {
            for (var i = 0; i < different; i++) sketch.Add(Prng.Mix((ulong)i));
        }

        Assert.InRange(sketch.Count, different * 0.95, different * 1.05);
    }
}
