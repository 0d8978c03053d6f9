namespace GmemActors.Engine;

/// <summary>One step of an execution, as reports show it.</summary>
/// <param name="Step">The number of the step, from 1.</param>
/// <param name="Task">The sender.</param>
/// <param name="Actor">Who handled the message.</param>
/// <param name="Message">The message in the kernel's spelling.</param>
/// <param name="Arguments">Its arguments; may be empty.</param>
/// <param name="Reply">The reply; empty if it says no more than that it was done.</param>
/// <param name="Kind">What the step did.</param>
public sealed record TraceStep(
    long Step, string Task, string Actor, string Message, string Arguments, string Reply, TraceKind Kind);

/// <summary>What a step did.</summary>
public enum TraceKind
{
    /// <summary>A request was handled and answered.</summary>
    Asked,

    /// <summary>A message was handled for which its sender does not wait.</summary>
    Told,

    /// <summary>A request joined those who wait in line for its lock or gate.</summary>
    Queued,
}
