using System.CommandLine;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Bench.Commands;

/// <summary><c>watchers</c>: what each watcher costs in the scenarios of the catalogue.</summary>
public static class WatchersCommand
{
    private static readonly Watchers[] Each =
        [Watchers.LockOrder, Watchers.Sleep, Watchers.DataRaces, Watchers.Livelocks, Watchers.Properties, Watchers.All];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "how long each runs", DefaultValueFactory = _ => 2 };
        var scenario = new Option<string?>("--scenario") { Description = "only this one" };
        var command = new Command("watchers", "Steps per second with every watcher on, and the share of the time that each takes") { seconds, scenario };
        command.SetAction(parsed =>
        {
            var only = parsed.GetValue(scenario);
            var chosen = Catalogue.All.Where(candidate => only is null || candidate.Name == only).ToList();
            Console.WriteLine($"{"",-24} {"all on",10}  {string.Join("  ", Each.Select(watcher => $"{Name(watcher),10}"))}");
            foreach (var one in chosen) Run(one, parsed.GetValue(seconds));
        });
        return command;
    }

    private static string Name(Watchers watcher) => watcher == Watchers.All ? "all of them" : watcher.ToString();

    private static void Run(Scenario scenario, double seconds)
    {
        var newest = scenario.Kernels[^1];
        var model = scenario.ToModel(newest.Bugs.Aggregate(newest, (kernel, bug) => kernel.Without(bug)));
        var everything = Contestant(model);
        var without = Each.Select(watcher => Contestant(model with { Watch = Watchers.All & ~watcher })).ToList();
        Measure.InTurns(seconds, [everything, .. without]);
        var line = $"{scenario.Name,-24} {Measure.Median(everything.Rates) / 1e6,6:F2} M/s";
        Console.WriteLine($"{line}  {string.Join("  ", without.Select(one => $"{Share(everything, one),10:P1}"))}");
    }

    // Of the time with everything on, what is not spent without the watcher; slice by slice, since both met the same machine there.
    private static double Share(Measure everything, Measure without) =>
        Measure.Median(everything.Rates.Zip(without.Rates, (all, other) => 1 - (all / other)));

    private static Measure Contestant(Model model) => new(seed =>
    {
        var world = new World(new RandomWalk(seed), model.StepLimit, watch: model.Watch);
        model.Build(world);
        if (world.Run() is { } finding) throw new InvalidOperationException(finding.Title);
        return world.Step;
    });
}
