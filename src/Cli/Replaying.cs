using GmemActors.Engine;
using GmemActors.Reports;

namespace GmemActors.Cli;

/// <summary>Runs one execution again, shortens it if asked to, and shows it.</summary>
internal sealed class Replaying(Session session, ReplayRequest request)
{
    private readonly Experiment _experiment = request.Source.Experiment;

    internal int Run()
    {
        if (request.File is not null) OutputFile.CheckFile(request.File);
        var (original, shown) = Execute();
        if (request.File is not null) OutputFile.Write(request.File, ScheduleFile.Write(_experiment.ToSchedule(shown)));

        var isExpected = shown.Finding is not null && _experiment.Expectation.IsExpected(shown.Finding);
        if (request.AsJson) WriteJson(shown, isExpected);
        else WriteText(original, shown, isExpected);
        if (session.Stop.IsCancellationRequested) return ExitCode.Interrupted;
        return shown.Finding is null || isExpected ? ExitCode.Success : ExitCode.Finding;
    }

    private (Execution Original, Execution Shown) Execute()
    {
        try
        {
            var original = request.Source.Run();
            return (original, request.Shrinks ? new Shrinker(_experiment.Explorer, stop: () => session.Stop.IsCancellationRequested).Shrink(original) : original);
        }
        catch (InternalErrorException exception)
        {
            throw new OwnBugException($"{_experiment}: {exception.Message}", request.Source.Command);
        }
    }

    private void WriteText(Execution original, Execution shown, bool isExpected)
    {
        var output = session.Output;
        var command = $"{request.Source.Command}{(request.Shrinks ? " --shrink" : "")}";
        var options = new TextReportOptions(request.Source.Origin, command) { IsExpected = isExpected, IsFull = request.IsFull };
        output.Write(TextReport.Of(shown, options));
        output.WriteLine($"  trace {Fingerprint.Text(shown.Fingerprint)}");
        if (shown.Skipped + shown.Inserted > 0 && !request.Shrinks)
        {
            var skipped = Figures.Count(shown.Skipped, "choice");
            output.WriteLine($"  the model has changed: {skipped} of the schedule passed over, {shown.Inserted} inserted");
        }

        if (request.Shrinks) output.WriteLine($"  {Shrunk(original, shown)}");
        if (request.File is not null) output.WriteLine($"  written to {request.File}");
        output.WriteLine($"\nnext: {Next(shown)}");
    }

    private static string Shrunk(Execution original, Execution shown) => original.Finding is null
        ? "nothing to shrink"
        : $"shrunk from {Size(original)} to {Size(shown)}";

    private static string Size(Execution execution) =>
        $"{Figures.Count(execution.Trace.Count, "step")} with {Figures.Count(execution.Switches, "switch", "es")}";

    private string Next(Execution shown)
    {
        if (shown.Finding is null) return $"gmem explore {_experiment.Typed}";
        if (request.File is not null) return $"gmem replay {(_experiment.IsOfFile ? _experiment.Typed + " " : "")}--schedule {Shell.Word(request.File)}";
        return $"{request.Source.Command} --shrink{(request.Shrinks ? $" --out {_experiment.Scenario}.schedule" : "")}";
    }

    private void WriteJson(Execution shown, bool isExpected) => JsonText.Write(session.Output, json =>
    {
        JsonText.WriteSelection(json, _experiment);
        json.WriteString("replay", request.Source.Command);
        json.WriteBoolean("expected", isExpected);
        json.WriteBoolean("shrunk", request.Shrinks);
        JsonReport.WriteMembers(json, shown);
    });
}
