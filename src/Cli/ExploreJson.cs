using System.Text.Json;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>An exploration for programs: one document, when all has ended.</summary>
internal sealed class ExploreJson(System.IO.TextWriter output) : IExploreOutput
{
    private readonly List<Outcome> _outcomes = [];

    public void Add(Outcome outcome) => _outcomes.Add(outcome);

    public void End(bool isInterrupted) => JsonText.Write(output, json =>
    {
        json.WriteBoolean("interrupted", isInterrupted);
        json.WriteStartArray("scenarios");
        foreach (var outcome in _outcomes) Write(json, outcome);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, Outcome outcome)
    {
        var (experiment, tally) = (outcome.Experiment, outcome.Tally);
        json.WriteStartObject();
        JsonText.WriteSelection(json, experiment);
        json.WriteString("strategy", experiment.Strategy);
        json.WriteNumber("seed", outcome.Seeds.First);
        json.WriteNumber("schedules", tally.Schedules);
        json.WriteNumber("steps", tally.Steps);
        json.WriteNumber("seconds", Math.Round(outcome.Result.Seconds, 3));
        json.WriteBoolean("failed", outcome.IsFailure);
        json.WriteStartArray("failures");
        foreach (var failure in outcome.Failures) json.WriteStringValue(failure);
        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var finding in outcome.Findings) Write(json, experiment, finding);
        json.WriteEndArray();
        json.WriteStartObject("sometimes");
        foreach (var (name, count) in tally.Sometimes) json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteStartObject("coverage");
        json.WriteNumber("distinctOrders", tally.Distinct.Count);
        json.WriteEndObject();
        json.WriteString("orders", Fingerprint.Text(tally.Orders));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Experiment experiment, RecordedFinding recorded)
    {
        var (found, finding) = (recorded.Found, recorded.Found.Finding);
        json.WriteStartObject();
        json.WriteString("kind", finding.Kind);
        json.WriteString("property", finding.Cause);
        json.WriteString("title", finding.Title);
        json.WriteString("fingerprint", Fingerprint.Text(finding.Fingerprint));
        json.WriteNumber("seed", found.Seed);
        json.WriteNumber("step", finding.Step);
        json.WriteNumber("count", found.Count);
        json.WriteBoolean("expected", recorded.IsExpected);
        json.WriteString("schedule", recorded.File);
        json.WriteString("trace", Fingerprint.Text(recorded.Execution.Fingerprint));
        json.WriteString("replay", experiment.Replay(found.Seed));
        json.WriteEndObject();
    }
}
