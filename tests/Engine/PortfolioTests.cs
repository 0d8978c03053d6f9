using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class PortfolioTests
{
    [Fact]
    public void Seeds_are_shared_out_by_the_weights()
    {
        var tokens = Portfolio.Shares.Select(share => share.Choice.Token).ToList();
        var counts = new int[tokens.Count];

        for (var seed = 0ul; seed < 13_000; seed++) counts[tokens.IndexOf(Portfolio.Pick(seed).Token)]++;

        ChiSquare.AssertShares(counts, [.. Portfolio.Shares.Select(share => share.Weight)]);
    }

    [Fact]
    public void It_holds_every_kind_of_strategy_that_draws()
    {
        var mixed = Portfolio.Shares.Select(share => share.Choice.Kind.Name).Append("portfolio").Append("round-robin");

        Assert.Equal(Strategies.All.Select(kind => kind.Name).Order(), mixed.Distinct().Order());
    }

    [Fact]
    public void A_seed_runs_as_under_the_strategy_it_picks()
    {
        var model = new Model("busy", Busy.Build);
        var known = Calibration.Of(model);
        for (var seed = 0ul; seed < 100; seed++)
        {
            var mixed = Toys.Run(Strategies.Of("portfolio").Create(seed, known), model.Build).World.Order;
            var alone = Toys.Run(Portfolio.Pick(seed).Create(seed, known), model.Build).World.Order;

            Assert.Equal(alone, mixed);
        }
    }
}
