using System.CommandLine;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Bench.Commands;

/// <summary><c>scenarios</c>: steps per second of each scenario of the catalogue, with everything checked.</summary>
public static class ScenariosCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "how long each runs", DefaultValueFactory = _ => 2 };
        var strategy = new Option<string>("--strategy") { Description = "who chooses", DefaultValueFactory = _ => "random" };
        var workers = new Option<int>("--workers") { Description = "so many threads, each with worlds of its own", DefaultValueFactory = _ => 1 };
        var command = new Command("scenarios", "Steps per second of each scenario in its newest kernel without its bugs, with all properties and watchers on") { seconds, strategy, workers };
        command.SetAction(parsed =>
        {
            var choice = Strategies.Of(parsed.GetValue(strategy)!);
            foreach (var scenario in Catalogue.All) Run(scenario, choice, parsed.GetValue(seconds), parsed.GetValue(workers));
        });
        return command;
    }

    private static void Run(Scenario scenario, StrategyChoice choice, double seconds, int workers)
    {
        var newest = scenario.Kernels[^1];
        var model = scenario.ToModel(newest.Bugs.Aggregate(newest, (kernel, bug) => kernel.Without(bug)));
        var calibration = Calibration.Of(model);
        var one = Contestant(model, choice, calibration);
        Measure.InTurns(seconds, one);
        var line = $"{scenario.Name,-22} {Measure.Median(one.Rates) / 1e6,5:F2} M steps/s  {(double)one.Bytes / one.Messages,6:F1} bytes/step  "
            + $"{(double)one.Messages / one.Schedules,6:F0} steps/schedule";
        if (workers > 1)
        {
            var many = Enumerable.Range(0, 5).Select(_ =>
                Measure.Together(seconds / 5, [.. Enumerable.Range(0, workers).Select(_ => Contestant(model, choice, calibration))])
                / Measure.Together(seconds / 5, [Contestant(model, choice, calibration)]));
            line += $"  {workers} workers: {Measure.Median(many):F2} times one";
        }

        Console.WriteLine(line);
    }

    private static Measure Contestant(Model model, StrategyChoice choice, Calibration calibration) => new(seed =>
    {
        var world = new World(choice.Create(seed, calibration), model.StepLimit);
        model.Build(world);
        if (world.Run() is { } finding) throw new InvalidOperationException(finding.Title);
        return world.Step;
    });
}
