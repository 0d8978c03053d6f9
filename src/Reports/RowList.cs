using GmemActors.Engine;

namespace GmemActors.Reports;

/// <summary>The rows of an execution: its steps and choices of data in their order, then who still waits.</summary>
internal static class RowList
{
    internal static IReadOnlyList<Row> Of(Execution execution, bool full)
    {
        var rows = All(execution);
        if (!full && execution.Finding is Livelock livelock) rows = RepeatedTries.Collapse(rows, livelock);
        if (!full) rows = LongTraces.Shorten(rows);
        if (execution.Finding is Deadlock deadlock)
        {
            rows.AddRange(deadlock.Waits
                .Where(wait => execution.Trace.LastOrDefault(step => step.Task == wait.Waiter) is not { Kind: TraceKind.Queued })
                .Select(wait => new Row(null, wait.Waiter, Cell.Of(wait))));
        }

        return rows;
    }

    private static List<Row> All(Execution execution)
    {
        var rows = new List<Row>(execution.Choices.Count);
        var steps = 0;
        foreach (var choice in execution.Choices)
        {
            if (choice is DataChoice data)
            {
                rows.Add(new(null, data.Task, Cell.Of(data)));
                continue;
            }

            var step = execution.Trace[steps++];
            rows.Add(new(step.Step, step.Task, Cell.Of(step)) { IsMarked = step.Step == execution.Finding?.Step });
        }

        Check.That(steps == execution.Trace.Count);
        return rows;
    }
}
