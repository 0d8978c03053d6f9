namespace GmemActors.Actors;

/// <summary>The pages of a file from <paramref name="Start"/> up to, and without, <paramref name="End"/>.</summary>
public readonly record struct PageRange(Pgoff Start, Pgoff End)
{
    /// <summary>Every index there can be.</summary>
    public static PageRange All => new(new(0), new(ulong.MaxValue));

    /// <summary>The range from <paramref name="start"/> on with so many pages.</summary>
    public static PageRange Of(ulong start, ulong count) => new(new(start), new(start + count));

    /// <summary>Whether a page is one of them.</summary>
    public bool Contains(Pgoff index) => index.Value >= Start.Value && index.Value < End.Value;

    /// <summary>The smallest range with all of these pages whose ends are multiples of <paramref name="count"/>, a power of two.</summary>
    public PageRange AlignOut(ulong count) => new(new(Start.Value & ~(count - 1)), new((End.Value + count - 1) & ~(count - 1)));

    /// <summary>Whether it has all pages of another.</summary>
    public bool Covers(PageRange other) => other.Start.Value >= Start.Value && other.End.Value <= End.Value;

    /// <summary>Whether any page is in both.</summary>
    public bool Overlaps(PageRange other) => Start.Value < other.End.Value && other.Start.Value < End.Value;

    /// <inheritdoc/>
    public override string ToString() => $"[{Start}, {End})";
}
