namespace GmemActors.Actors;

/// <summary>The guest frames from <paramref name="Start"/> up to, and without, <paramref name="End"/>.</summary>
public readonly record struct GfnRange(Gfn Start, Gfn End)
{
    /// <summary>So many frames from <paramref name="start"/> on.</summary>
    public static GfnRange Of(Gfn start, ulong count) => new(start, start + count);

    /// <summary>Whether a frame is one of them.</summary>
    public bool Contains(Gfn gfn) => gfn.Value >= Start.Value && gfn.Value < End.Value;

    /// <summary>Whether any frame is in both.</summary>
    public bool Overlaps(GfnRange other) => Start.Value < other.End.Value && other.Start.Value < End.Value;

    /// <summary>The frames of both, of which there must be some.</summary>
    public GfnRange Intersect(GfnRange other) => new(
        new(Math.Max(Start.Value, other.Start.Value)),
        new(Math.Min(End.Value, other.End.Value)));

    /// <summary>The smallest range with all the frames of both.</summary>
    public GfnRange Hull(GfnRange other) => new(
        new(Math.Min(Start.Value, other.Start.Value)),
        new(Math.Max(End.Value, other.End.Value)));

    /// <inheritdoc/>
    public override string ToString() => $"[{Start}, {End})";
}
