using System.CommandLine;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary><c>gmem replay</c>: runs one seed, or one schedule, with everything recorded.</summary>
internal static class ReplayCommand
{
    private static readonly string[] Formats = ["text", "json"];

    internal static Command Create(Session session)
    {
        var scenario = Options.Argument<string?>("SCENARIO|FILE", ArgumentArity.ZeroOrOne, "What to run: a name ('gmem list scenarios') or a file.");
        var (kernel, with, strategy, json) = (Options.Kernel(), Options.With(), Options.Strategy(), Options.Json());
        var seed = Options.Text("--seed", "N", "The seed to run.");
        var schedule = Options.Text("--schedule", "FILE", "The schedule to run instead of a seed.");
        var format = Options.Text("--as", string.Join('|', Formats), "How it is shown; text if not given.");
        var shrink = Options.Flag("--shrink", "Looks for the shortest execution with the same finding.");
        var full = Options.Flag("--full", "Shows every step, however many.");
        var file = Options.Text("--out", "FILE", "Writes what is shown as a schedule.");
        var command = new Command("replay", "Runs one interleaving again and shows every step.")
        {
            scenario, seed, schedule, kernel, with, strategy, format, json, shrink, full, file,
        };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(scenario);
            var typed = new Selection(name, parsed.GetValue(kernel), parsed.GetValue(with)!, parsed.GetValue(strategy));
            var source = Source(session.Laboratory.Value, typed, parsed.GetValue(seed), parsed.GetValue(schedule));
            var request = new ReplayRequest(source)
            {
                AsJson = AsJson(parsed.GetValue(format), parsed.GetValue(json)),
                Shrinks = parsed.GetValue(shrink),
                IsFull = parsed.GetValue(full),
                File = parsed.GetValue(file),
            };
            return new Replaying(session, request).Run();
        });
        return command;
    }

    private static ReplaySource Source(Laboratory laboratory, Selection typed, string? seed, string? file)
    {
        if (seed is not null && file is not null) throw new MisuseException("either --seed or --schedule, not both");
        if (file is not null) return FromSchedule(laboratory, typed, file);
        if (typed.Scenario is null) throw Incomplete("no scenario", laboratory.Subjects[0].Name);
        var experiment = typed.ToExperiment(laboratory);
        if (seed is null) throw Incomplete("neither --seed nor --schedule", typed.Scenario);
        var number = Numbers.Seed(seed);
        return new(experiment, $"seed {number}", experiment.Replay(number), () => experiment.Explorer.Replay(number));
    }

    private static ReplaySource FromSchedule(Laboratory laboratory, Selection typed, string file)
    {
        if (typed.Strategy is not null) throw new MisuseException("a schedule is replayed without a strategy: leave out --strategy");
        var schedule = ScheduleSource.Read(file);
        var experiment = typed.MergedWith(laboratory, schedule, file).ToExperiment(laboratory);
        var command = $"gmem replay {(experiment.IsOfFile ? experiment.Typed + " " : "")}--schedule {Shell.Word(file)}";
        return new(experiment, "schedule", command, () =>
        {
            try
            {
                return experiment.Explorer.Replay(schedule.Choices);
            }
            catch (OffTheRailsException exception)
            {
                var (name, label) = (MisuseException.Quote(file), experiment.Label);
                throw new MisuseException($"schedule {name} does not fit {experiment.Scenario} in {label}: {exception.Message}");
            }
        });
    }

    private static MisuseException Incomplete(string what, string scenario) =>
        new($"{what}: type 'gmem replay {scenario} --seed 1' or 'gmem replay --schedule FILE'");

    private static bool AsJson(string? format, bool json)
    {
        if (format is not null && !Formats.Contains(format))
        {
            throw new MisuseException($"there is no format {MisuseException.Quote(format)}; there are: {string.Join(", ", Formats)}");
        }

        if (json && format == Formats[0]) throw new MisuseException("either --json or --as text, not both");
        return json || format == Formats[1];
    }
}
