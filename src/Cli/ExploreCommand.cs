using System.CommandLine;

namespace GmemActors.Cli;

/// <summary><c>gmem explore</c>: runs many seeds and reports what they show.</summary>
internal static class ExploreCommand
{
    private const long DefaultSchedules = 10_000;

    internal static Command Create(Session session)
    {
        var scenarios = Options.Argument<string[]>("SCENARIO|FILE", ArgumentArity.ZeroOrMore, "What to explore: names ('gmem list scenarios') or files.");
        var all = Options.Flag("--all", "Explores every scenario.");
        var (kernel, with, strategy, json) = (Options.Kernel(), Options.With(), Options.Strategy(), Options.Json());
        var seed = Options.Text("--seed", "N", "The first seed; 1 if not given.");
        var schedules = Options.Text("--schedules", "N", "How many seeds; 10000 if neither this nor --time is given.");
        var time = Options.Text("--time", "T", "How long at most, all scenarios together: 500ms, 30s, 5m.");
        var workers = Options.Text("--workers", "N", "How many threads; as many as there are cores if not given.");
        var shard = Options.Text("--shard", "I/N", "Runs only the I-th of N parts of the seeds.");
        var keepGoing = Options.Flag("--keep-going", "Goes on after a finding.");
        var folder = Options.Text("--out", "DIR", "Writes the schedule of each finding to a file there.");
        var twice = Options.Flag("--twice", "Runs each seed twice more with everything recorded, and compares.");
        var command = new Command("explore", "Runs many interleavings and reports what goes wrong.")
        {
            scenarios, all, kernel, with, strategy, seed, schedules, time, workers, shard, keepGoing, folder, json, twice,
        };
        command.SetAction(parsed =>
        {
            var laboratory = session.Laboratory.Value;
            var names = parsed.GetValue(scenarios)!.Distinct().ToArray();
            var subjects = Subjects(laboratory, names, parsed.GetValue(all), parsed.GetValue(kernel));
            var typed = new Selection(null, parsed.GetValue(kernel), parsed.GetValue(with)!, parsed.GetValue(strategy));
            TimeSpan? limit = parsed.GetValue(time) is { } given ? Numbers.Time(given) : null;
            var seeds = Seeds(parsed.GetValue(seed), parsed.GetValue(schedules), parsed.GetValue(shard), limit);
            var threads = parsed.GetValue(workers) is { } number ? Numbers.Workers(number) : Environment.ProcessorCount;
            var options = new CampaignOptions(threads, parsed.GetValue(keepGoing), parsed.GetValue(twice), limit);

            // All of them in one kernel: those that are for it.
            if (parsed.GetValue(all) && typed.Kernel is { } one) subjects.RemoveAll(subject => !subject.Kernels.Contains(Names.Kernel(laboratory, one)));
            var experiments = subjects.SelectMany(subject => typed.ToExperiments(laboratory, subject));
            var request = new ExploreRequest([.. experiments], seeds, options)
            {
                IsShard = parsed.GetValue(shard) is not null,
                IsSingle = names.Length == 1,
                Folder = parsed.GetValue(folder),
            };
            var exploration = new Exploration(session, request);
            return exploration.Run(parsed.GetValue(json) ? new ExploreJson(session.Output) : new ExploreText(session.Output, request));
        });
        return command;
    }

    private static List<Subject> Subjects(Laboratory laboratory, string[] names, bool all, string? kernel)
    {
        if (all && names.Length > 0) throw new MisuseException("either --all or names of scenarios, not both");
        if (all && kernel is null) return [.. laboratory.Subjects];
        if (all) return [.. laboratory.Subjects.Where(subject => subject.Kernels.Contains(Names.Kernel(laboratory, kernel!)))];
        return names.Length > 0
            ? [.. names.Select(name => Names.Scenario(laboratory, name))]
            : throw new MisuseException($"no scenario: type 'gmem explore {laboratory.Subjects[0].Name}' or 'gmem explore --all'");
    }

    private static SeedRange Seeds(string? seed, string? schedules, string? shard, TimeSpan? limit)
    {
        var first = Numbers.Seed(seed ?? "1");
        var count = schedules is not null ? Numbers.Schedules(schedules)
            : limit is null ? DefaultSchedules
            : (long)Math.Min(Numbers.MostSchedules - 1, ulong.MaxValue - first) + 1;
        if (ulong.MaxValue - first < (ulong)count - 1)
        {
            throw new MisuseException($"seed {first} is too large for {Figures.Count(count, "schedule")}: seeds end at {ulong.MaxValue}");
        }

        var seeds = new SeedRange(first, count);
        if (shard is null) return seeds;
        var (index, parts) = Numbers.Shard(shard);
        return seeds.Slice(index, parts);
    }
}
