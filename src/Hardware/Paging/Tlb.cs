namespace GmemActors.Hardware;

/// <summary>The translations that a processor has cached for the guest it runs.</summary>
// Simplified: unlimited, so nothing is evicted: a stale translation stays until somebody flushes it.
internal sealed class Tlb
{
    private readonly List<Entry> _entries = [];

    internal int Count => _entries.Count;

    internal Entry this[int index] => _entries[index];

    internal Translation Lookup(Gfn gfn)
    {
        foreach (var entry in _entries)
        {
            if (entry.Gfn == gfn.AlignDown(entry.Translation.Level)) return entry.Translation;
        }

        return Translation.None;
    }

    internal void Fill(Gfn gfn, Translation translation)
    {
        Flush(gfn);
        _entries.Add(new(gfn.AlignDown(translation.Level), translation));
    }

    internal void Flush() => _entries.Clear();

    internal void Flush(Gfn gfn)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Gfn == gfn.AlignDown(_entries[i].Translation.Level)) _entries.RemoveAt(i);
        }
    }

    internal readonly record struct Entry(Gfn Gfn, Translation Translation);
}
