namespace GmemActors.Bench.Pvf;

/// <summary>A set of pages, a bit each.</summary>
internal sealed class PageSet(int pages)
{
    private readonly ulong[] _words = new ulong[(pages + 63) / 64];

    internal void Add(int page) => _words[page >> 6] |= 1ul << page;

    internal void Clear() => Array.Clear(_words);

    internal bool IsWithin(PageSet other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & ~other._words[i]) != 0) return false;
        }

        return true;
    }
}
