using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What a page-cache folio is now, as its inode tells a path.</summary>
/// <param name="IsInCache">Whether its mapping is still the inode's: false once it was truncated.</param>
/// <param name="IsUptodate">Whether its content is valid; in this generation: whether it was cleared.</param>
/// <param name="IsMapped">Whether a user has it mapped.</param>
/// <param name="IsHwpoison">Whether its memory has failed.</param>
public readonly record struct FolioState(bool IsInCache, bool IsUptodate, bool IsMapped = false, bool IsHwpoison = false)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(IsInCache ? "cached" : "truncated")}{(IsUptodate ? ", uptodate" : "")}{(IsMapped ? ", mapped" : "")}{(IsHwpoison ? ", hwpoison" : "")}";
}

/// <summary>
/// A page that a fault looked up, with a reference: its frame, the inode that counts the reference, and the largest mapping that its
/// folio allows.
/// </summary>
public readonly record struct GmemPage(Pfn Pfn, GmemInode Inode, PageLevel MaxLevel = PageLevel.Level4K);

/// <summary>A folio that a lookup found, with a reference for the caller.</summary>
public sealed record FoundFolio(Pfn Pfn, Pgoff Index)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Pfn} at {Index}";
}

/// <summary>A folio of an inode, in its page cache or out of it and still referenced.</summary>
/// <remarks>Simplified: folios are order 0, so the frame's number names the folio.</remarks>
internal sealed class Folio(GmemInode inode, Pfn pfn)
{
    internal Pfn Pfn { get; } = pfn;

    internal Mutex Lock { get; } = new(inode, "folio_lock");

    internal Pgoff Index { get; set; }

    internal bool IsInCache { get; set; }

    internal bool IsUptodate { get; set; }

    /// <summary>How many entries of users map it: <c>_mapcount</c>.</summary>
    internal int MapCount { get; set; }

    internal bool IsHwpoison { get; set; }

    internal int RefCount { get; set; } = 1;
}
