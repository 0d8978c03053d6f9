using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What a page-cache folio is now, as its inode tells a path.</summary>
/// <param name="IsInCache">Whether its mapping is still the inode's: false once it was truncated.</param>
/// <param name="IsUptodate">Whether its content is valid; in this generation: whether it was cleared.</param>
/// <param name="IsMapped">Whether a user has it mapped.</param>
/// <param name="IsHwpoison">Whether its memory has failed.</param>
/// <param name="Order">It has <c>1 &lt;&lt; order</c> pages.</param>
public readonly record struct FolioState(
    bool IsInCache, bool IsUptodate, bool IsMapped = false, bool IsHwpoison = false, byte Order = 0)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(IsInCache ? "cached" : "truncated")}{(IsUptodate ? ", uptodate" : "")}{(IsMapped ? ", mapped" : "")}{(IsHwpoison ? ", hwpoison" : "")}{(Order > 0 ? $", order {Order}" : "")}";
}

/// <summary>
/// A page that a fault looked up, with a reference: its frame, the inode that counts the reference, and the largest mapping that its
/// folio allows.
/// </summary>
public readonly record struct GmemPage(Pfn Pfn, GmemInode Inode, PageLevel MaxLevel = PageLevel.Level4K);

/// <summary>A folio that a lookup found, with a reference for the caller.</summary>
public sealed record FoundFolio(Pfn Pfn, Pgoff Index, int Order = 0)
{
    /// <summary>Its pages.</summary>
    public PageRange Pages => PageRange.Of(Index.Value, 1ul << Order);

    /// <inheritdoc/>
    public override string ToString() => $"{Pfn} at {Index}{(Order > 0 ? $", order {Order}" : "")}";
}

/// <summary>A folio of an inode, in its page cache or out of it and still referenced.</summary>
/// <remarks>Any frame of it names it: <c>page_folio()</c>. Simplified: each lookup and the page cache have one reference, of any order.</remarks>
internal sealed class Folio(GmemInode inode, Pfn pfn, int order = 0)
{
    /// <summary>The order of a folio that can be mapped as 2M.</summary>
    internal const int PmdOrder = 9;

    internal Pfn Pfn { get; } = pfn;

    /// <summary>It has <c>1 &lt;&lt; order</c> pages. Its lock protects it.</summary>
    internal int Order { get; set; } = order;

    internal uint PageCount => 1u << Order;

    internal PageRange Pages => PageRange.Of(Index.Value, PageCount);

    internal Mutex Lock { get; } = new(inode, "folio_lock");

    /// <summary>Who used what its lock protects.</summary>
    internal Field Mapping { get; } = new(inode, "folio->mapping");

    internal Pgoff Index { get; set; }

    internal bool IsInCache { get; set; }

    /// <summary>The place among all that were ever put into the page cache, for properties.</summary>
    internal ulong Added { get; set; }

    internal bool IsUptodate { get; set; }

    /// <summary>How many entries of users map it: <c>_mapcount</c>.</summary>
    internal int MapCount { get; set; }

    internal bool IsHwpoison { get; set; }

    internal int RefCount = 1;
}
