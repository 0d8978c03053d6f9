using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>What is to be replayed, and how it is shown.</summary>
internal sealed record ReplayRequest(ReplaySource Source)
{
    /// <summary>Whether it is shown as JSON, else as text.</summary>
    internal bool AsJson { get; init; }

    /// <summary>Whether a shorter execution with the same finding is looked for.</summary>
    internal bool Shrinks { get; init; }

    /// <summary>Whether every step is shown.</summary>
    internal bool IsFull { get; init; }

    /// <summary>Where the schedule is written; null if it is not.</summary>
    internal string? File { get; init; }
}

/// <summary>One execution that can be run again.</summary>
/// <param name="Experiment">What it is an execution of.</param>
/// <param name="Origin">Which one: <c>seed 7</c>.</param>
/// <param name="Command">The command that runs it.</param>
/// <param name="Run">Runs it with everything recorded.</param>
internal sealed record ReplaySource(Experiment Experiment, string Origin, string Command, Func<Execution> Run);
