using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>A scenario, a kernel version, bugs and a strategy, as they were typed.</summary>
internal sealed record Selection(string? Scenario, string? Kernel, IReadOnlyList<string> With, string? Strategy)
{
    /// <summary>What is meant; the newest kernel version of the scenario where none is named.</summary>
    internal Experiment ToExperiment(Laboratory laboratory)
    {
        var subject = Names.Scenario(laboratory, Scenario!);
        return (this with { Kernel = Kernel ?? subject.Kernels[^1] }).ToExperiments(laboratory, subject).Single();
    }

    /// <summary>A scenario in the kernel version that is named, or in every one it has.</summary>
    internal IEnumerable<Experiment> ToExperiments(Laboratory laboratory, Subject subject)
    {
        var (bugs, strategy) = (Names.Bugs(laboratory, With), Names.Strategy(Strategy ?? Experiment.DefaultStrategy));
        IReadOnlyList<string> kernels = Kernel is null ? subject.Kernels : [Names.Kernel(laboratory, subject, Kernel)];
        return kernels.Select(kernel => new Experiment(subject, kernel, bugs, strategy));
    }

    /// <summary>What a schedule says, which nothing that was typed may contradict.</summary>
    internal Selection MergedWith(Laboratory laboratory, Schedule schedule, string file)
    {
        CheckSettings(schedule, file);
        var with = schedule.Setting(Experiment.WithSetting);
        if (With.Count > 0 && !Sorted(With).SequenceEqual(Sorted(with is null ? [] : [with])))
        {
            throw Contradiction(file, with is null ? "without bugs" : $"with {with}", string.Join(',', With));
        }

        return new(
            ScenarioOf(laboratory, schedule, file),
            schedule.Setting(Experiment.KernelSetting) is { } kernel ? Agreed(file, "in", kernel, Kernel) : Kernel,
            with is null ? [] : [with],
            null);
    }

    // A setting that is not understood is not passed over: another kernel than the recorded one would be run.
    private static void CheckSettings(Schedule schedule, string file)
    {
        string[] known = [Experiment.KernelSetting, Experiment.WithSetting];
        foreach (var name in schedule.Settings.Select(setting => setting.Key))
        {
            var problem = !known.Contains(name) ? $"no setting {Names.Meant(name, known, $"there are: scenario, {string.Join(", ", known)}")}"
                : schedule.Settings.Count(setting => setting.Key == name) > 1 ? $"the setting '{name}' is there twice"
                : null;
            if (problem is not null) throw new MisuseException($"schedule {MisuseException.Quote(file)}: {problem}");
        }
    }

    // A scenario that is typed is what a schedule is of, whether by name or by file.
    private string ScenarioOf(Laboratory laboratory, Schedule schedule, string file)
    {
        if (Scenario is null || Scenario == schedule.Model) return schedule.Model;
        Agreed(file, "of", schedule.Model, Names.Scenario(laboratory, Scenario).Name);
        return Scenario;
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> names) =>
        names.SelectMany(name => name.Split(',')).Distinct().Order(StringComparer.Ordinal);

    private static string Agreed(string file, string how, string recorded, string? typed) =>
        typed is null || typed == recorded ? recorded : throw Contradiction(file, $"{how} {recorded}", typed);

    private static MisuseException Contradiction(string file, string recorded, string typed) =>
        new($"schedule {MisuseException.Quote(file)} was recorded {recorded}, not {MisuseException.Quote(typed)}: leave that out");
}
