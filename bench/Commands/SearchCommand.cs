using System.CommandLine;
using GmemActors.Bench.Pvf;
using GmemActors.Engine;

namespace GmemActors.Bench.Commands;

/// <summary><c>search</c>: schedules until the bugs of PvF are found, for every strategy.</summary>
public static class SearchCommand
{
    private const int BaseSeeds = 100;
    private const int Limit = 100_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("search", "Schedules until the bugs of PvF (8,4,4,4) are found, over 100 base seeds: median and 95th percentile");
        command.SetAction(_ =>
        {
            foreach (var bug in new[] { PvfBug.SkipsEveryOtherEnd, PvfBug.MapsStale })
            {
                foreach (var kind in Strategies.All) Run(bug, kind.Name);
            }
        });
        return command;
    }

    private static void Run(PvfBug bug, string strategy)
    {
        var pvf = new PvfModel(new(8, 4, 4, 4), bug);
        var model = new Model("pvf", pvf.Build);
        if (!Strategies.TryParse(strategy, out var choice, out var error)) throw new InvalidOperationException(error);
        var calibration = Calibration.Of(model);
        var explorer = new Explorer(model, seed => choice.Create(seed, calibration));
        var counts = Enumerable.Range(0, BaseSeeds)
            .Select(i => explorer.Explore((ulong)i * 1_000_003, Limit))
            .Select(tally => tally.Findings.Count > 0 ? tally.Schedules : Limit)
            .Order()
            .ToList();
        Console.WriteLine($"{bug,-20} {strategy,-12} median {counts[BaseSeeds / 2],6}   95th percentile {counts[BaseSeeds * 95 / 100],6}");
    }
}
