namespace GmemActors.Scenarios.Files;

/// <summary>Where something stands in a file: line and column, counted from 1.</summary>
public readonly record struct Place(int Line, int Column)
{
    /// <summary>The start of a file.</summary>
    public static readonly Place Start = new(1, 1);

    /// <summary>So many letters further on in the line.</summary>
    public Place Right(int letters) => this with { Column = Column + letters };

    /// <inheritdoc/>
    public override string ToString() => $"{Line}:{Column}";
}
