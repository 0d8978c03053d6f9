using System.Text;
using GmemActors.Engine;

namespace GmemActors.Reports;

/// <summary>An execution as plain text: the finding, its steps in one column a task, and what else is to be said.</summary>
public static class TextReport
{
    private const string Gap = "   ";

    /// <summary>The whole report; each line ends with a newline.</summary>
    public static string Of(Execution execution, TextReportOptions options)
    {
        var text = new StringBuilder(Headline(execution, options));
        var rows = RowList.Of(execution, options.IsFull);
        if (rows.Count > 0) new Table(execution.Tasks, rows, options.Width).AppendTo(text);
        if (execution.Finding is null) return text.ToString();

        foreach (var detail in execution.Finding.Details) text.Append("  ").Append(detail).Append('\n');
        foreach (var warning in execution.Finding.Warnings)
        {
            text.Append("  before it, at step ").Append(warning.Step).Append(": ").Append(warning.Title).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What was found, where, and how to see it again: one line, or two where one would be too long.</summary>
    public static string Headline(Execution execution, TextReportOptions options)
    {
        var (title, where) = execution.Finding is { } finding
            ? ($"FINDING{(options.IsExpected ? " (expected)" : "")}  {finding.Title}", $"{options.Origin}, step {finding.Step}")
            : ("no finding", $"{options.Origin}, {execution.Trace.Count} steps");
        var origin = options.Replay.Length > 0 ? where + Gap + options.Replay : where;
        var room = options.Width - origin.Length;
        return room >= title.Length + Gap.Length ? $"{title.PadRight(room)}{origin}\n" : $"{title}\n  {origin}\n";
    }
}
