namespace GmemActors.Actors;

/// <summary>The index of a page in a file: <c>pgoff_t</c>.</summary>
public readonly record struct Pgoff(ulong Value)
{
    /// <summary>So many pages on.</summary>
    public static Pgoff operator +(Pgoff index, ulong count) => new(index.Value + count);

    /// <inheritdoc/>
    public override string ToString() => $"0x{Value:x}";
}
