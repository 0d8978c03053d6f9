using System.Globalization;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>A scenario in one kernel version with the bugs put into it, and the strategy that explores it.</summary>
internal sealed class Experiment
{
    internal const string KernelSetting = "kernel";
    internal const string WithSetting = "with";
    internal const string DefaultStrategy = "portfolio";

    private readonly Subject _subject;
    private readonly StrategyChoice _strategy;
    private readonly Lazy<Expectation> _expectation;
    private readonly Lazy<Explorer> _explorer;

    internal Experiment(Subject subject, string kernel, IReadOnlyList<string> bugs, StrategyChoice strategy)
    {
        (_subject, Kernel, Bugs, _strategy) = (subject, kernel, bugs, strategy);
        _expectation = new(() => _subject.In(Kernel, Bugs));
        _explorer = new(() =>
        {
            var calibration = Calibration.Of(_expectation.Value.Model);
            return new(_expectation.Value.Model, seed => strategy.Create(seed, calibration));
        });
    }

    /// <summary>The name of the scenario.</summary>
    internal string Scenario => _subject.Name;

    /// <summary>What to type for the scenario: its name, or its file.</summary>
    internal string Typed => _subject.Typed;

    /// <summary>Whether the scenario is that of a file.</summary>
    internal bool IsOfFile => _subject.File is not null;

    /// <summary>The kernel version, before the bugs are put into it.</summary>
    internal string Kernel { get; }

    /// <summary>The kernel version with its bugs: <c>6.8+truncate-outside</c>.</summary>
    internal string Label => string.Join('+', [Kernel, .. Bugs]);

    /// <summary>The strategy, as it is typed.</summary>
    internal string Strategy => _strategy.Token;

    /// <summary>The bugs that were put into it.</summary>
    internal IReadOnlyList<string> Bugs { get; }

    /// <summary>What the model is, and what it should show.</summary>
    internal Expectation Expectation => _expectation.Value;

    /// <summary>Runs the executions.</summary>
    internal Explorer Explorer
    {
        get
        {
            try
            {
                return _explorer.Value;
            }
            catch (Exception exception)
            {
                throw new OwnBugException($"{this} cannot be built: {exception.Message}", Replay(0));
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Scenario} in {Label} under {Strategy}";

    /// <summary>The command that runs one seed again.</summary>
    internal string Replay(ulong seed) => $"gmem replay {Selection} --seed {seed.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The command that explores from a seed on.</summary>
    internal string Explore(ulong seed) => $"gmem explore {Selection} --seed {seed.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>An execution as a schedule that says what it belongs to.</summary>
    internal Schedule ToSchedule(Execution execution)
    {
        var settings = new List<KeyValuePair<string, string>> { new(KernelSetting, Kernel) };
        if (Bugs.Count > 0) settings.Add(new(WithSetting, string.Join(',', Bugs)));
        return new(Scenario, settings, execution.Choices);
    }

    private string Selection
    {
        get
        {
            var with = string.Concat(Bugs.Select(bug => $" --with {bug}"));
            return $"{_subject.Typed} --kernel {Kernel}{with}{(Strategy == DefaultStrategy ? "" : $" --strategy {Strategy}")}";
        }
    }
}
