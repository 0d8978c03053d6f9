namespace GmemActors.Reports;

/// <summary>Leaves out of a long trace what tells least, and says so.</summary>
/// <remarks>
/// First the middle of what one task did while nobody came between: a finding is about where the tasks meet. If that is not
/// enough, the middle of the whole, for what went wrong is seen at its end.
/// </remarks>
internal static class LongTraces
{
    private const int Longest = 80;
    private const int First = 20;
    private const int LongestStretch = 16;
    private const int StretchFirst = 4;
    private const int StretchLast = 8;

    internal static List<Row> Shorten(List<Row> rows)
    {
        if (rows.Count > Longest) rows = [.. Stretches(rows).SelectMany(Shortened)];
        return rows.Count > Longest ? WithoutMiddle(rows) : rows;
    }

    private static IEnumerable<List<Row>> Stretches(List<Row> rows)
    {
        for (var (from, to) = (0, 0); from < rows.Count; from = to)
        {
            while (to < rows.Count && rows[to].Task == rows[from].Task) to++;
            yield return rows[from..to];
        }
    }

    private static List<Row> Shortened(List<Row> stretch) => stretch.Count <= LongestStretch
        ? stretch
        : [.. stretch[..StretchFirst], LeftOut(stretch[StretchFirst..^StretchLast], stretch[0].Task), .. stretch[^StretchLast..]];

    private static List<Row> WithoutMiddle(List<Row> rows)
    {
        var last = Longest - First;
        return [.. rows[..First], LeftOut(rows[First..^last], null), .. rows[^last..]];
    }

    private static Row LeftOut(List<Row> rows, string? task)
    {
        var steps = rows.Sum(row => row.Step is null ? row.LeftOut : 1);
        return new(null, task, new($"… {steps} steps left out{(task is null ? " (--full shows them)" : "")} …")) { LeftOut = steps };
    }
}
