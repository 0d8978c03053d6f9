using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class PosTests
{
    private const int Runs = 8_000;

    [Fact]
    public void Both_orders_of_a_race_are_equally_likely()
    {
        var counts = Toys.Tally(Runs, seed => new Pos(seed), world =>
        {
            var cell = world.Add(new Cell("x"));
            world.Toucher("a", cell, 1);
            world.Toucher("b", cell, 1);
            return () => cell.Order;
        });

        Assert.Equal(["ab", "ba"], counts.Keys);
        ChiSquare.AssertUniform(counts.Values);
    }

    // Drawn once, b would be last of five in 1 of 5; drawn anew at each race, it loses four times in a row in 1 of 16.
    [Fact]
    public void A_priority_is_drawn_anew_when_another_message_reaches_the_actor_first()
    {
        var counts = Toys.Tally(Runs, seed => new Pos(seed), world => Position(world, isRace: true));

        ChiSquare.AssertShares(counts.Values, [8, 4, 2, 1, 1]);
    }

    // A kept priority p is beaten by j fresh draws and then not, with the probability ∫ (1 − p)^j p dp = 1/((j + 1)(j + 2)).
    [Fact]
    public void A_priority_is_kept_while_others_go_elsewhere()
    {
        var counts = Toys.Tally(Runs, seed => new Pos(seed), world => Position(world, isRace: false));

        ChiSquare.AssertShares(counts.Values, [30, 10, 5, 3, 12]);
    }

    // How many of the four messages of a were delivered before the one of b.
    private static Func<string> Position(World world, bool isRace)
    {
        var log = world.Add(new Cell("log"));
        var other = isRace ? log : world.Add(new Cell("other"));
        var before = 0;
        world.Toucher("a", other, 4);
        world.Spawn("b", async current =>
        {
            await current.Ask(log, new Touch());
            before = other.Log.Count(name => name == "a");
        });
        return () => $"{before}";
    }
}
