namespace GmemActors.Actors;

/// <summary>What the pages of an inode are, private or shared: a value for every index, equal neighbours merged.</summary>
/// <remarks>Source: the RFC of 2026 that converts guest_memfd in place, where it is a maple tree.</remarks>
internal sealed class GmemAttributes(KvmMemoryAttributes first)
{
    // Where each run begins, and what its pages are. The first begins at 0, and no two neighbours are alike.
    private readonly List<(ulong Start, KvmMemoryAttributes Of)> _runs = [(0, first)];

    /// <summary>How many runs there are.</summary>
    internal int RunCount => _runs.Count;

    internal KvmMemoryAttributes At(Pgoff index) => _runs[RunOf(index)].Of;

    internal bool AreAll(PageRange range, KvmMemoryAttributes attributes)
    {
        for (var run = RunOf(range.Start); run < _runs.Count && _runs[run].Start < range.End.Value; run++)
        {
            if (_runs[run].Of != attributes) return false;
        }

        return true;
    }

    internal void Store(PageRange range, KvmMemoryAttributes attributes)
    {
        var after = At(range.End);
        _runs.RemoveAll(run => run.Start >= range.Start.Value && run.Start <= range.End.Value);
        Begin(range.Start.Value, attributes);
        Begin(range.End.Value, after);
    }

    private void Begin(ulong start, KvmMemoryAttributes attributes)
    {
        var place = _runs.FindIndex(run => run.Start > start);
        if (place < 0) place = _runs.Count;
        if (place == 0 || _runs[place - 1].Of != attributes) _runs.Insert(place, (start, attributes));
    }

    private int RunOf(Pgoff index) => _runs.FindLastIndex(run => run.Start <= index.Value);
}
