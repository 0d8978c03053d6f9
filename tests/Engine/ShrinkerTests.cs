using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class ShrinkerTests
{
    [Fact]
    public void A_lost_update_among_bystanders_shrinks_to_its_shortest_schedule()
    {
        var explorer = LostUpdate.Explorer(LostUpdate.Model(2, bystanders: 3));
        var found = explorer.Replay(explorer.Explore(1, 1000).Findings[0].Seed);

        var shrunk = new Shrinker(explorer).Shrink(found);

        Assert.Equal(found.Finding!.Fingerprint, shrunk.Finding!.Fingerprint);
        Assert.Equal(5, shrunk.Switches);
    }

    [Fact]
    public void A_shrunk_schedule_replays_strictly_to_the_same_trace()
    {
        var explorer = LostUpdate.Explorer(LostUpdate.Model(3, bystanders: 2));
        var shrunk = new Shrinker(explorer).Shrink(explorer.Replay(explorer.Explore(1, 1000).Findings[0].Seed));

        var replayed = explorer.Replay(shrunk.Choices);

        Assert.Equal(shrunk.Fingerprint, replayed.Fingerprint);
    }

    [Fact]
    public void An_execution_without_a_finding_stays_as_it_is()
    {
        var explorer = LostUpdate.Explorer(LostUpdate.Model(1));
        var execution = explorer.Replay(1);

        Assert.Same(execution, new Shrinker(explorer).Shrink(execution));
    }

    [Fact]
    public void The_bound_on_replays_is_kept()
    {
        var replays = 0;
        var model = LostUpdate.Model(3, bystanders: 3);
        var counting = new Model(model.Name, world =>
        {
            replays++;
            model.Build(world);
        });
        var explorer = LostUpdate.Explorer(counting);
        var found = explorer.Replay(explorer.Explore(1, 1000).Findings[0].Seed);
        replays = 0;

        new Shrinker(explorer, replays: 25).Shrink(found);

        Assert.Equal(25, replays);
    }
}
