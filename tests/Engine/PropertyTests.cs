using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class PropertyTests
{
    [Fact]
    public void What_must_always_hold_is_looked_at_after_each_step_that_changes_its_actors()
    {
        var broken = Assert.IsType<PropertyBroken>(Writes(0, 1, 2, 3, 4).Finding);

        Assert.Equal((4, "the value is below 3"), (broken.Step, broken.Property));
        Assert.Equal("does not hold: the value is below 3", broken.Title);
        Assert.Equal(["it is 3"], broken.Details);
    }

    [Fact]
    public void It_fires_at_no_step_while_it_holds() => Assert.Null(Writes(0, 1, 2, 1, 0).Finding);

    [Fact]
    public void It_must_hold_before_the_first_step_too()
    {
        var finding = Toys.Find(world => world.Always("never", () => false, world.Add(new Cell("x"))));

        var broken = Assert.IsType<PropertyBroken>(finding);
        Assert.Equal(0, broken.Step);
        Assert.Empty(broken.Details);
    }

    [Fact]
    public void Of_two_broken_properties_the_first_is_the_finding()
    {
        var finding = Toys.Find(world =>
        {
            var x = world.Add(new Cell("x"));
            world.Always("one", () => x.Value == 0, x);
            world.Always("two", () => x.Value == 0, x);
            world.Spawn("t", async current => await current.Ask(x, new Write(1)));
        });

        Assert.Equal("one", Assert.IsType<PropertyBroken>(finding).Property);
    }

    [Fact]
    public void It_is_looked_at_when_any_of_its_actors_changed_and_not_otherwise()
    {
        var looks = 0;
        Toys.Find(world =>
        {
            var (x, y, aside) = (world.Add(new Cell("x")), world.Add(new Cell("y")), world.Add(new Cell("aside")));
            world.Always("x and y are looked at", () => ++looks > 0, x, y);
            world.Spawn("t", async current =>
            {
                await current.Ask(aside, new Write(1));
                await current.Ask(x, new Write(1));
                await current.Ask(y, new Write(1));
                await current.Ask(y, new Read());
                await current.Ask(x, new Take());
                await current.Ask(x, new Drop());
            });
        });

        // Once before the first step, and after each of the two writes.
        Assert.Equal(3, looks);
    }

    [Fact]
    public void What_must_hold_at_last_is_looked_at_when_all_have_exited()
    {
        Assert.Null(EndsWith(7));
        var broken = Assert.IsType<PropertyBroken>(EndsWith(8));
        Assert.Equal((2, "it ends with 7", "8"), (broken.Step, broken.Property, broken.Violation));

        static Finding? EndsWith(int value) => Toys.Find(world =>
        {
            var x = world.Add(new Cell("x"));
            world.Spawn("t", async current =>
            {
                await current.Ask(x, new Write(1));
                await current.Ask(x, new Write(value));
            });
            world.Finally("it ends with 7", () => x.Value == 7 ? null : $"{x.Value}");
        });
    }

    [Fact]
    public void What_happened_sometimes_was_seen_even_if_it_is_over()
    {
        Assert.True(Writes(1, 2, 0).World.Properties[1].Seen);
        Assert.False(Writes(1, 0).World.Properties[1].Seen);
    }

    [Fact]
    public void A_mark_says_that_it_happened()
    {
        foreach (var isMarked in new[] { false, true })
        {
            var (world, finding) = Toys.Run(new RandomWalk(0), world =>
            {
                var x = world.Add(new Cell("x"));
                world.Sometimes("the fault retried", null);
                world.Sometimes("something else", null);
                world.Spawn("t", async current =>
                {
                    await current.Ask(x, new Read());
                    if (isMarked) current.Mark("the fault retried");
                });
            });

            Assert.Null(finding);
            Assert.Equal([isMarked, false], world.Properties.Select(property => property.Seen));
        }
    }

    [Fact]
    public void A_warning_is_a_finding_at_the_end_once_for_each_text()
    {
        var warning = Assert.IsType<KernelWarning>(Warns(isBroken: false));

        Assert.Equal((1, "t", "odd"), (warning.Step, warning.Task, warning.Text));
        Assert.Equal(["even"], warning.Warnings.Select(other => other.Text));
    }

    [Fact]
    public void Warnings_go_with_a_finding_that_came_after_them()
    {
        var broken = Assert.IsType<PropertyBroken>(Warns(isBroken: true));

        Assert.Equal(["odd", "even"], broken.Warnings.Select(warning => warning.Text));
    }

    private static Finding? Warns(bool isBroken) => Toys.Find(world =>
    {
        var x = world.Add(new Cell("x"));
        world.Spawn("t", async current =>
        {
            for (var i = 1; i <= 4; i++)
            {
                await current.Ask(x, new Write(i));
                if (!current.WarnOn(i % 2 == 1, "odd")) current.Warn("even");
            }
        });
        world.Finally("nothing is broken", () => isBroken ? "it is" : null);
    });

    private static (World World, Finding? Finding) Writes(params int[] values) => Toys.Run(new RandomWalk(0), world =>
    {
        var x = world.Add(new Cell("x"));
        world.Always("the value is below 3", () => x.Value < 3 ? null : $"it is {x.Value}", x);
        world.Sometimes("the value is 2", () => x.Value == 2, x);
        world.Spawn("t", async current =>
        {
            foreach (var value in values) await current.Ask(x, new Write(value));
        });
    });
}
