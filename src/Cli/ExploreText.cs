using GmemActors.Engine;
using GmemActors.Reports;

namespace GmemActors.Cli;

/// <summary>An exploration for people: a line for each experiment, and the report of what was found first.</summary>
internal sealed class ExploreText(System.IO.TextWriter output, ExploreRequest request) : IExploreOutput
{
    private readonly int _scenarioWidth = request.Experiments.Max(experiment => experiment.Scenario.Length);
    private readonly int _labelWidth = request.Experiments.Max(experiment => experiment.Label.Length);
    private readonly List<RecordedFinding> _reported = [];
    private readonly List<Outcome> _outcomes = [];

    public void Add(Outcome outcome)
    {
        _outcomes.Add(outcome);
        foreach (var finding in outcome.Findings.Where(IsReported)) Write(outcome, finding);
        WriteLine(outcome);
        foreach (var finding in outcome.Findings.Where(finding => !IsReported(finding) && !IsByTheWay(outcome, finding)))
        {
            output.WriteLine($"  {finding.Found.Finding.Title}: {outcome.Experiment.Replay(finding.Found.Seed)}");
            WriteFile(finding);
        }

        foreach (var failure in outcome.Failures) output.WriteLine($"  {failure}");
    }

    public void End(bool isInterrupted)
    {
        if (_outcomes.Count > 1) output.WriteLine($"\n{Summary()}");
        if (isInterrupted) output.WriteLine("interrupted");
        if (_outcomes.Count == 0) return;
        output.WriteLine($"\nnext: {Next()}");
    }

    private void Write(Outcome outcome, RecordedFinding finding)
    {
        var seed = finding.Found.Seed;
        var options = new TextReportOptions($"schedule {seed - outcome.Seeds.First + 1}", outcome.Experiment.Replay(seed))
        {
            IsExpected = finding.IsExpected,
        };
        var isNew = !IsByTheWay(outcome, finding) && IsNew(finding);
        if (isNew) _reported.Add(finding);
        output.Write(isNew ? TextReport.Of(finding.Execution, options) : TextReport.Headline(finding.Execution, options));
        if (isNew) output.WriteLine($"  trace {Fingerprint.Text(finding.Execution.Fingerprint)}");
        if (finding.Found.Count > 1) output.WriteLine($"  found in {Figures.Count(finding.Found.Count, "schedule")}");
        WriteFile(finding);
        if (isNew) output.WriteLine();
    }

    private void WriteFile(RecordedFinding finding)
    {
        if (finding.File is not null) output.WriteLine($"  written to {finding.File}");
    }

    // Of several scenarios, a line is enough for what was expected.
    private bool IsReported(RecordedFinding finding) => request.IsSingle || !finding.IsExpected;

    // Expected, but not what the scenario is there for: that comes later.
    private static bool IsByTheWay(Outcome outcome, RecordedFinding finding) =>
        finding.IsExpected && outcome.Tally.WasEnded && finding != outcome.Findings[^1];

    // At length: of one scenario, every cause once; of several, the first that is not expected.
    private bool IsNew(RecordedFinding finding) => request.IsSingle
        ? _reported.TrueForAll(known => known.Found.Finding.Fingerprint != finding.Found.Finding.Fingerprint)
        : !finding.IsExpected && _reported.Count == 0;

    private void WriteLine(Outcome outcome)
    {
        var (experiment, tally) = (outcome.Experiment, outcome.Tally);
        output.WriteLine(
            $"{experiment.Scenario.PadRight(_scenarioWidth)}  {experiment.Label.PadRight(_labelWidth)}  {Result(outcome),-16}"
            + $"  {Figures.Column(tally.Schedules, 9, "schedule")}  {Figures.Column(tally.Distinct.Count, 7, "order")}"
            + $"  {Figures.Rate(tally.Steps, outcome.Result.Seconds),15}");
    }

    private static string Result(Outcome outcome)
    {
        if (outcome.Findings.Any(finding => !finding.IsExpected)) return "FOUND";
        if (outcome.Failures.Count > 0) return "NOT SHOWN";
        if (outcome.Findings.Count > 0) return "found, expected";
        if (outcome.Tally.Schedules == 0) return "nothing run";
        return outcome.Result.IsCutShort ? "clean so far" : "clean";
    }

    private string Summary()
    {
        var failed = _outcomes.Count(outcome => outcome.IsFailure);
        var expected = _outcomes.Count(outcome => !outcome.IsFailure && outcome.Findings.Count > 0);
        var idle = _outcomes.Count(outcome => !outcome.IsFailure && outcome.Tally.Schedules == 0);
        var clean = _outcomes.Count - failed - expected - idle;
        var notRun = idle > 0 ? $", {idle} not run" : "";
        return $"{Figures.Count(_outcomes.Count, "run")}: {clean} clean, {expected} found what was expected, {failed} failed{notRun}";
    }

    private string Next()
    {
        var first = _outcomes.MaxBy(outcome => (outcome.IsFailure, outcome.Findings.Count > 0))!;
        return first.Findings.Count > 0
            ? $"{first.Experiment.Replay(first.Findings[^1].Found.Seed)} --shrink"
            : first.Experiment.Explore(first.Seeds.First + (ulong)first.Tally.Schedules);
    }
}
