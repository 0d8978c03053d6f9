using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>What exploring one scenario in one version came to.</summary>
/// <param name="Experiment">What was explored.</param>
/// <param name="Seeds">The seeds that were to be run.</param>
/// <param name="Result">What the executions had to tell.</param>
/// <param name="Findings">The findings, each run again with everything recorded.</param>
/// <param name="Failures">Why this is no success, a line each; a finding that is not expected says so itself.</param>
internal sealed record Outcome(
    Experiment Experiment,
    SeedRange Seeds,
    CampaignResult Result,
    IReadOnlyList<RecordedFinding> Findings,
    IReadOnlyList<string> Failures)
{
    internal Tally Tally => Result.Tally;

    internal bool IsFailure => Failures.Count > 0 || Findings.Any(finding => !finding.IsExpected);
}

/// <summary>A finding with the execution that shows it.</summary>
/// <param name="Found">The finding, its first seed, and how often it was found.</param>
/// <param name="Execution">The execution of that seed with everything recorded.</param>
/// <param name="IsExpected">Whether the scenario is there to show it.</param>
/// <param name="File">Where its schedule was written; null if it was not.</param>
internal sealed record RecordedFinding(FoundFinding Found, Execution Execution, bool IsExpected, string? File);
