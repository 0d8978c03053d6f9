namespace GmemActors.Reports;

/// <summary>A row of the table: something that one task did, or a line across it.</summary>
/// <param name="Step">The number of the step; null for what is no step of its own.</param>
/// <param name="Task">Whose column it is in; null for a line across the table.</param>
/// <param name="Cell">What stands there.</param>
internal sealed record Row(long? Step, string? Task, Cell Cell)
{
    /// <summary>Whether the finding came with this row.</summary>
    internal bool IsMarked { get; init; }

    /// <summary>For how many steps it stands that are not shown.</summary>
    internal int LeftOut { get; init; }
}
