namespace GmemActors.Hardware;

/// <summary>A page becomes a page table of the secure EPT: the entry at <paramref name="Level"/> points to it.</summary>
public sealed record TdhMemSeptAdd(Pfn Tdr, Gfn Gfn, PageLevel Level, Pfn Page) : SeptCall(Tdr, Gfn, Level)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemSeptAdd;

    internal override Pfn? NamedPage => Page;
}

/// <summary>An empty, blocked and tracked page table is taken out of the secure EPT.</summary>
public sealed record TdhMemSeptRemove(Pfn Tdr, Gfn Gfn, PageLevel Level) : SeptCall(Tdr, Gfn, Level)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemSeptRemove;
}

/// <summary>
/// Before the trust domain is finalized: a page is added with a copy of the host's. Its content is the caller's next step.
/// </summary>
public sealed record TdhMemPageAdd(Pfn Tdr, Gfn Gfn, Pfn Page) : SeptCall(Tdr, Gfn, PageLevel.Level4K)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemPageAdd;

    internal override Pfn? NamedPage => Page;
}

/// <summary>After the trust domain is finalized: a page is added that the guest must accept.</summary>
public sealed record TdhMemPageAug(Pfn Tdr, Gfn Gfn, PageLevel Level, Pfn Page) : SeptCall(Tdr, Gfn, Level)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemPageAug;

    internal override Pfn? NamedPage => Page;
}

/// <summary>A page is taken out of the secure EPT and is the host's again.</summary>
public sealed record TdhMemPageRemove(Pfn Tdr, Gfn Gfn, PageLevel Level) : SeptCall(Tdr, Gfn, Level)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemPageRemove;
}

/// <summary>New translations through an entry are stopped.</summary>
public sealed record TdhMemRangeBlock(Pfn Tdr, Gfn Gfn, PageLevel Level) : SeptCall(Tdr, Gfn, Level)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemRangeBlock;
}

/// <summary>Takes a <see cref="TdhMemRangeBlock"/> back.</summary>
public sealed record TdhMemRangeUnblock(Pfn Tdr, Gfn Gfn, PageLevel Level) : SeptCall(Tdr, Gfn, Level)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemRangeBlock;
}

/// <summary>A new TLB epoch begins.</summary>
public sealed record TdhMemTrack(Pfn Tdr) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.MemTrack;
}

/// <summary>A guest accepts a page: <paramref name="Zeroed"/> of its 4K parts are zero when this step is made.</summary>
public sealed record TdgMemPageAccept(Pfn Tdvpr, Gfn Gfn, PageLevel Level, int Zeroed) : VpCall(Tdvpr)
{
    internal override LockNeed[] Locks => SeamcallLocks.GuestPageAccept;

    internal override bool IsGuests => true;
}

/// <summary>
/// The trust domain's measurement is extended by a page. Simplified: by its frame number, at once instead of in chunks of 256
/// bytes.
/// </summary>
public sealed record TdhMrExtend(Pfn Tdr, Gfn Gfn) : SeptCall(Tdr, Gfn, PageLevel.Level4K)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAlone;
}
