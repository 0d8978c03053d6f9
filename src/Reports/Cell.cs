using GmemActors.Engine;

namespace GmemActors.Reports;

/// <summary>What stands in one row of one column: a message with its arguments and its reply.</summary>
internal sealed record Cell(string Name, string Arguments = "", string Reply = "")
{
    private const string Ellipsis = "…";

    /// <summary>A step as its sender sees it.</summary>
    internal static Cell Of(TraceStep step) => step.Kind switch
    {
        TraceKind.Told => new($"told: {step.Message} {step.Actor}", step.Arguments, step.Reply),
        TraceKind.Queued => new($"{step.Message} {step.Actor}", "queues for it"),
        _ => new($"{step.Message} {step.Actor}", step.Arguments, step.Reply),
    };

    /// <summary>A choice of data or of a fault, marked as in a schedule.</summary>
    internal static Cell Of(DataChoice choice) => new($"? {choice.What}", $"of {choice.Count}", $"{choice.Chosen}");

    /// <summary>A request that is still waiting when the execution ends.</summary>
    internal static Cell Of(WaitEdge wait) => new($"{wait.Message} {wait.Actor}", "waits");

    /// <summary>As much as fits: arguments go first, then the reply and the end of the name.</summary>
    internal string Fit(int width)
    {
        var text = Text(Arguments);
        if (text.Length > width && Arguments.Length > 0) text = Text(Ellipsis);
        if (text.Length > width) text = Text("");
        return Cut(text, width);
    }

    /// <summary>The first of a text that is too long.</summary>
    internal static string Cut(string text, int width) =>
        text.Length <= width ? text : text[..Math.Max(0, width - Ellipsis.Length)] + Ellipsis;

    private string Text(string arguments) =>
        $"{Name}{(arguments.Length > 0 ? $" ({arguments})" : "")}{(Reply.Length > 0 ? $" = {Reply}" : "")}";
}
