using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Takes <c>mmap_lock</c> exclusive: <c>mmap_write_lock()</c>.</summary>
public sealed record MmapWriteLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmapWriteLock Now = new();
}

/// <summary>Gives <c>mmap_lock</c> back.</summary>
public sealed record MmapWriteUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MmapWriteUnlock Now = new();
}

/// <summary>The user's code runs and uses what it has mapped: while it does, its processor keeps translations.</summary>
public sealed record UserModeEnter() : Acquire(LockMode.Shared)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly UserModeEnter Now = new();
}

/// <summary>The user's code is interrupted.</summary>
public sealed record UserModeExit : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly UserModeExit Now = new();
}

/// <summary>Waits for every processor that runs the user's code: none keeps a translation that was taken away before.</summary>
public sealed record FlushTlbMmRange : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly FlushTlbMmRange Now = new();
}

/// <summary>Makes room for a mapping of a file above all others: <c>vma_link()</c>.</summary>
public sealed record VmaLink(GmemFile File, Pgoff First, ulong PageCount) : Message<Vma>;

/// <summary>Takes a mapping out.</summary>
public sealed record VmaUnlink(Vma Vma) : Message<Done>;

/// <summary>The mapping of a file at a page; none if nothing is mapped there, or anonymous memory.</summary>
public sealed record FindVma(ulong Page) : Query<Vma?>;

/// <summary>The frame that a page is mapped to now, as the processor walks the tables; none if a fault is due.</summary>
public sealed record WalkPte(ulong Page) : Query<Pfn?>;

/// <summary>The same of a page of a file, with the inode that counts the references on it.</summary>
public sealed record FindFilePte(ulong Page) : Query<UserPage?>;

/// <summary>A page of a user, and the inode that counts its references; none: it is no file's.</summary>
public readonly record struct UserPage(Pfn Pfn, GmemInode? Inode = null);

/// <summary>Maps a page of a file where none is mapped; replies whether it did.</summary>
public sealed record SetFilePte(Vma Vma, ulong Page, Pfn Pfn) : Message<bool>;

/// <summary>Takes the mapping of a page of a file away; replies its frame, none if there was none.</summary>
public sealed record ZapFilePte(Vma Vma, ulong Page) : Message<Pfn?>;
