namespace GmemActors.Cli;

/// <summary>The seeds to run: <paramref name="Count"/> of them from <paramref name="First"/> on.</summary>
internal readonly record struct SeedRange(ulong First, long Count)
{
    /// <summary>The seed after the last.</summary>
    internal ulong Next => First + (ulong)Count;

    /// <summary>A contiguous part of it: the sizes of the parts differ by one at most.</summary>
    internal SeedRange Slice(long index, long count)
    {
        var (from, to) = (Start(index - 1, count), Start(index, count));
        return new(First + (ulong)from, to - from);
    }

    private long Start(long index, long count) => (long)((Int128)Count * index / count);
}
