using GmemActors.Bench.Pvf;
using GmemActors.Engine;

namespace GmemActors.Tests.Bench;

public class PvfTests
{
    private static readonly PvfSize Size = new(8, 4, 4, 4);

    [Fact]
    public void A_stale_mapping_is_found_within_a_hundred_random_schedules()
    {
        var explorer = new Explorer(new Model("pvf", new PvfModel(Size, PvfBug.MapsStale).Build), seed => new RandomWalk(seed));
        for (var start = 0ul; start < 20; start++)
        {
            var found = Assert.Single(explorer.Explore(start * 1_000_003, 100).Findings);

            Assert.Equal("a page that is mapped is present", Assert.IsType<PropertyBroken>(found.Finding).Property);
        }
    }

    [Fact]
    public void Without_a_bug_the_messages_are_those_of_the_protocol()
    {
        var model = new PvfModel(Size);
        for (var seed = 0ul; seed < 300; seed++)
        {
            var retries = model.Retries;
            var world = new World(new RandomWalk(seed));
            model.Build(world);

            Assert.Null(world.Run());
            Assert.Equal(Size.Messages(model.Retries - retries), (world.Step - world.QueuedSteps) * 2);
        }

        Assert.True(model.Retries > 0);
    }
}
