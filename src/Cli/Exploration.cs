using System.Diagnostics;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>Explores one experiment after the other and judges what they show.</summary>
internal sealed class Exploration(Session session, ExploreRequest request)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private MisuseException? _cannotWrite;

    internal int Run(IExploreOutput output)
    {
        if (request.Folder is not null) OutputFile.CheckFolder(request.Folder);
        var failed = false;
        try
        {
            for (var i = 0; i < request.Experiments.Count && !session.Stop.IsCancellationRequested && _cannotWrite is null; i++)
            {
                var outcome = Explore(request.Experiments[i], request.Experiments.Count - i);
                failed |= outcome.IsFailure;
                output.Add(outcome);
                session.Output.Flush();
            }
        }
        finally
        {
            output.End(session.Stop.IsCancellationRequested);
        }

        if (_cannotWrite is not null) throw _cannotWrite;
        if (session.Stop.IsCancellationRequested) return ExitCode.Interrupted;
        return failed ? ExitCode.Finding : ExitCode.Success;
    }

    private Outcome Explore(Experiment experiment, int left)
    {
        // What one experiment does not use of its share of the time is there for those after it.
        var options = request.Options with { Time = (request.Options.Time - _clock.Elapsed) / left };
        if (options.Time < TimeSpan.Zero) options = options with { Time = TimeSpan.Zero };
        var result = Run(experiment, new(experiment, request.Seeds, options));
        var findings = result.Tally.Findings.Select(found => Record(experiment, found)).ToList();
        return new(experiment, request.Seeds, result, findings, Failures(experiment, result, findings));
    }

    private CampaignResult Run(Experiment experiment, Campaign campaign)
    {
        try
        {
            return campaign.Run(
                hasEnded =>
                {
                    var name = $"{experiment.Scenario} {experiment.Label}";
                    if (session.IsTerminal) ProgressLine.Show(name, campaign, session.Error, hasEnded);
                },
                session.Stop);
        }
        catch (CampaignErrorException error)
        {
            throw new OwnBugException($"{experiment}: {error.Message}", experiment.Replay(error.Seed));
        }
    }

    private RecordedFinding Record(Experiment experiment, FoundFinding found)
    {
        var execution = experiment.Explorer.Replay(found.Seed);
        var (explored, replayed) = (found.Finding, execution.Finding);
        if (replayed?.Fingerprint != explored.Fingerprint || replayed.Step != explored.Step)
        {
            throw new OwnBugException(
                $"{experiment}: seed {found.Seed} explored shows '{explored.Title}' at step {explored.Step}, "
                + $"replayed '{replayed?.Title ?? "no finding"}' at step {replayed?.Step ?? execution.Trace.Count}",
                experiment.Replay(found.Seed));
        }

        return new(found, execution, experiment.Expectation.IsExpected(found.Finding), Write(experiment, found.Seed, execution));
    }

    private string? Write(Experiment experiment, ulong seed, Execution execution)
    {
        if (request.Folder is null || _cannotWrite is not null) return null;
        var file = System.IO.Path.Combine(request.Folder, $"{experiment.Scenario}-{experiment.Label}-seed{seed}.schedule");
        try
        {
            OutputFile.Write(file, ScheduleFile.Write(experiment.ToSchedule(execution)));
            return file;
        }
        catch (MisuseException cannotWrite)
        {
            // What was found is shown all the same: it replays from its seed.
            _cannotWrite = cannotWrite;
            return null;
        }
    }

    private List<string> Failures(Experiment experiment, CampaignResult result, List<RecordedFinding> findings)
    {
        var failures = new List<string>();
        if (request.IsShard || session.Stop.IsCancellationRequested) return failures;
        var schedules = Figures.Count(result.Tally.Schedules, "schedule");
        var expectation = experiment.Expectation;
        if (expectation.Shows is { } shows && !result.Tally.WasEnded && !findings.Exists(finding => expectation.IsShown(finding.Found.Finding)))
        {
            failures.Add($"the expected finding is absent in {schedules}: {shows}");
        }

        // A finding cuts an execution short, and time may cut the run short where schedules were to be counted.
        var timeWasAll = result.IsCutShort && request.Seeds.Count == Numbers.MostSchedules;
        if (findings.Count > 0 || (result.IsCutShort && !timeWasAll)) return failures;
        var unseen = result.Tally.Sometimes.Where(seen => seen.Value == 0);
        return [.. failures, .. unseen.Select(seen => $"never seen in {schedules}: {seen.Key}")];
    }
}
