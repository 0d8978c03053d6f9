using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Takes the inode's invalidate lock.</summary>
public sealed record FilemapInvalidateLock(LockMode Mode) : Acquire(Mode)
{
    /// <summary>Together with others who only need the bindings and the range to stay.</summary>
    public static readonly FilemapInvalidateLock Shared = new(LockMode.Shared);

    /// <summary>Alone.</summary>
    public static readonly FilemapInvalidateLock Exclusive = new(LockMode.Exclusive);
}

/// <summary>Gives the inode's invalidate lock back.</summary>
public sealed record FilemapInvalidateUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly FilemapInvalidateUnlock Now = new();
}

/// <summary>Looks a page up in the page cache and takes a reference; replies none if it is absent.</summary>
public sealed record FilemapGetEntry(Pgoff Index) : Message<Pfn?>;

/// <summary>Looks up the first page of a range that is present and takes a reference.</summary>
public sealed record FindGetEntry(PageRange Range) : Message<FoundFolio?>;

/// <summary>Locks a folio; whoever asks holds a reference.</summary>
public sealed record FolioLock(Pfn Pfn) : Acquire(LockMode.Exclusive);

/// <summary>Locks a folio if that needs no waiting.</summary>
public sealed record FolioTrylock(Pfn Pfn) : TryAcquire(LockMode.Exclusive);

/// <summary>Unlocks a folio.</summary>
public sealed record FolioUnlock(Pfn Pfn) : Release;

/// <summary>Reads a folio's mapping and flags.</summary>
public sealed record ReadFolio(Pfn Pfn) : Query<FolioState>;

/// <summary>Makes a folio of a frame that was allocated, with one reference, not in the page cache yet.</summary>
public sealed record FilemapAllocFolio(Pfn Pfn) : Message<Done>;

/// <summary>
/// Puts a locked folio into the page cache, which takes a reference; replies false if somebody was first.
/// </summary>
public sealed record FilemapAddFolio(Pfn Pfn, Pgoff Index) : Message<bool>;

/// <summary>Whether the page cache has any page of a range.</summary>
public sealed record FilemapRangeHasPage(PageRange Range) : Query<bool>;

/// <summary>Makes a folio of the frames of a page, with one reference, not in the page cache yet.</summary>
public sealed record FilemapAllocLargeFolio(Pfn Pfn, int Order) : Message<Done>;

/// <summary>
/// Makes a locked folio one folio a page; replies false if anybody else refers to it. The lock and the reference of whoever asks stay
/// with the first page.
/// </summary>
public sealed record SplitFolio(Pfn Pfn) : Message<bool>;

/// <summary>Says that a folio's content is valid.</summary>
public sealed record FolioMarkUptodate(Pfn Pfn) : Message<Done>;

/// <summary>Takes a locked folio out of the page cache; the cache's reference is dropped after that.</summary>
public sealed record FilemapRemoveFolio(Pfn Pfn) : Message<Done>;

/// <summary>Drops a reference; replies whether it was the last one, so that the frame must be freed.</summary>
public sealed record FolioPut(Pfn Pfn) : Message<bool>;

/// <summary>Whether the page cache has no page at all.</summary>
public sealed record MappingEmpty : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MappingEmpty Now = new();
}

/// <summary>
/// Drops a file's reference on the inode; replies whether it was the last one, so that the inode must be evicted.
/// </summary>
public sealed record Iput : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly Iput Now = new();
}

/// <summary>The gmem files on the inode, in the order of their creation.</summary>
public sealed record GmemFileList : Query<GmemFile[]>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly GmemFileList Now = new();
}

/// <summary>The same, read without a lock: the list of an inode that is in use does not change.</summary>
public sealed record ReadGmemFileList : Query<GmemFile[]>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadGmemFileList Now = new();
}

/// <summary>Enters a file into the inode's list.</summary>
public sealed record ListAdd(GmemFile File) : Message<Done>;

/// <summary>Takes a file out of the inode's list.</summary>
public sealed record ListDel(GmemFile File) : Message<Done>;

/// <summary>An inode's size in pages: <c>i_size_read()</c>.</summary>
public sealed record ISizeRead : Query<ulong>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ISizeRead Now = new();
}

/// <summary>Gives an inode its size in pages.</summary>
public sealed record ISizeWrite(ulong PageCount) : Message<Done>;

/// <summary>Takes the lock of the mappings of a file: <c>i_mmap_lock_read()</c>, <c>i_mmap_lock_write()</c>.</summary>
public sealed record IMmapLock(LockMode Mode) : Acquire(Mode)
{
    /// <summary>To walk the mappings.</summary>
    public static readonly IMmapLock Shared = new(LockMode.Shared);

    /// <summary>To change them.</summary>
    public static readonly IMmapLock Exclusive = new(LockMode.Exclusive);
}

/// <summary>Gives the lock of the mappings back.</summary>
public sealed record IMmapUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly IMmapUnlock Now = new();
}

/// <summary>Where a file is mapped.</summary>
public sealed record VmaIntervalTree : Query<Vma[]>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly VmaIntervalTree Now = new();
}

/// <summary>Enters a mapping of a file.</summary>
public sealed record VmaIntervalTreeInsert(Vma Vma) : Message<Done>;

/// <summary>Takes a mapping of a file out.</summary>
public sealed record VmaIntervalTreeRemove(Vma Vma) : Message<Done>;

/// <summary>Counts an entry of a user that maps a folio.</summary>
public sealed record FolioAddFileRmap(Pfn Pfn) : Message<Done>;

/// <summary>The entry is gone.</summary>
public sealed record FolioRemoveRmap(Pfn Pfn) : Message<Done>;

/// <summary>Notes that the memory of a folio has failed; replies whether that was noted before.</summary>
public sealed record TestSetPageHwpoison(Pfn Pfn) : Message<bool>;
