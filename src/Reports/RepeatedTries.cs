using GmemActors.Engine;

namespace GmemActors.Reports;

/// <summary>Shows the first of a livelock's equal tries and counts the others.</summary>
internal static class RepeatedTries
{
    internal static List<Row> Collapse(List<Row> rows, Livelock livelock)
    {
        foreach (var loop in livelock.Loops) rows = Collapse(rows, loop);
        return rows;
    }

    private static List<Row> Collapse(List<Row> rows, EndlessLoop loop)
    {
        int[] own = [.. Enumerable.Range(0, rows.Count).Where(at => rows[at].Task == loop.Task)];
        var length = (int)loop.Length;
        var first = FirstTry([.. own.Select(at => rows[at].Cell)], length, endsATry: rows[^1].Task == loop.Task);
        var more = ((own.Length - first) / length) - 1;
        if (more < 1) return rows;

        var hidden = own.AsSpan(first + length, more * length);
        var shown = new List<Row>(rows.Count - hidden.Length + 1);
        for (var at = 0; at < rows.Count; at++)
        {
            if (at == hidden[0]) shown.Add(Others(rows, loop.Task, more, hidden));
            if (hidden.BinarySearch(at) < 0) shown.Add(rows[at]);
        }

        return shown;
    }

    private static Row Others(List<Row> rows, string task, int count, ReadOnlySpan<int> hidden)
    {
        var (marked, steps) = (false, 0);
        foreach (var at in hidden)
        {
            marked |= rows[at].IsMarked;
            steps += rows[at].Step is null ? 0 : 1;
        }

        var text = $"… {count} more {(count == 1 ? "try" : "tries")} like this";
        return new(null, task, new(text)) { IsMarked = marked, LeftOut = steps };
    }

    // Where the equal tries begin: the task that ended the execution did so with the end of a try.
    private static int FirstTry(Cell[] own, int length, bool endsATry)
    {
        var first = Math.Max(0, own.Length - length);
        while (first > 0 && own[first - 1] == own[first - 1 + length]) first--;
        return endsATry ? first + ((own.Length - first) % length) : first;
    }
}
