namespace GmemActors.Reports;

/// <summary>What a report of an execution says beside the execution.</summary>
/// <param name="Origin">Which execution it is: <c>schedule 12</c>, <c>seed 7</c>.</param>
/// <param name="Replay">The command that runs it again; may be empty.</param>
public sealed record TextReportOptions(string Origin, string Replay = "")
{
    /// <summary>Whether its finding is one that the scenario is there to show.</summary>
    public bool IsExpected { get; init; }

    /// <summary>Whether everything is shown, however long.</summary>
    public bool IsFull { get; init; }

    /// <summary>The width in columns that a line should keep to.</summary>
    public int Width { get; init; } = 110;
}
