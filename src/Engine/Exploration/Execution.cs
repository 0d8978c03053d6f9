namespace GmemActors.Engine;

/// <summary>One execution with everything recorded.</summary>
/// <param name="Finding">What it showed; null if nothing.</param>
/// <param name="Trace">Its steps.</param>
/// <param name="Choices">Its choices: the schedule that replays it.</param>
/// <param name="Fingerprint">Equal for equal traces: every message with its arguments, every reply, every choice.</param>
/// <param name="Tasks">Its tasks, in the order in which they were started.</param>
public sealed record Execution(
    Finding? Finding,
    IReadOnlyList<TraceStep> Trace,
    IReadOnlyList<Choice> Choices,
    ulong Fingerprint,
    IReadOnlyList<string> Tasks)
{
    /// <summary>Recorded choices of a schedule that had no counterpart in the model.</summary>
    public int Skipped { get; init; }

    /// <summary>Choices of the model that were not in the schedule, up to its end.</summary>
    public int Inserted { get; init; }

    /// <summary>The number of times that another task went on than before: how much there is to follow.</summary>
    public int Switches => Trace.Zip(Trace.Skip(1)).Count(pair => pair.First.Task != pair.Second.Task);
}
