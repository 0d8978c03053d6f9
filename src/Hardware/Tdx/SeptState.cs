namespace GmemActors.Hardware;

/// <summary>The state of an entry of the secure EPT.</summary>
/// <remarks>Source: TDX module 1.5.</remarks>
// Simplified: no migration, so of the exported states only the one that can be accepted from is here, and nothing leads to it.
public enum SeptState : byte
{
    /// <summary>Nothing.</summary>
    Free,

    /// <summary>A page was removed while the trust domain was being exported. Nothing leads here either.</summary>
    Removed,

    /// <summary>A page table.</summary>
    NlMapped,

    /// <summary>A page table, blocked.</summary>
    NlBlocked,

    /// <summary>A page that the guest uses.</summary>
    Mapped,

    /// <summary>A page that the guest used, blocked.</summary>
    Blocked,

    /// <summary>A page that the guest uses, blocked for writing.</summary>
    BlockedW,

    /// <summary>A page that the guest has yet to accept.</summary>
    Pending,

    /// <summary>A page that the guest has yet to accept, blocked.</summary>
    PendingBlocked,

    /// <summary>A page that the guest has yet to accept, blocked for writing.</summary>
    PendingBlockedW,

    /// <summary>A page that was exported before the guest accepted it.</summary>
    PendingExportedDirty,
}

/// <summary>Which call leads from which state to which; null: it is refused.</summary>
/// <remarks>Source: TDX module 1.5.</remarks>
public static class SeptTransitions
{
    /// <summary>MEM.SEPT.ADD.</summary>
    public static SeptState? SeptAdd(SeptState from) => from is SeptState.Free or SeptState.NlMapped ? SeptState.NlMapped : null;

    /// <summary>MEM.PAGE.ADD.</summary>
    public static SeptState? PageAdd(SeptState from) => from == SeptState.Free ? SeptState.Mapped : null;

    /// <summary>MEM.PAGE.AUG.</summary>
    public static SeptState? PageAug(SeptState from) => from is SeptState.Free or SeptState.Removed ? SeptState.Pending : null;

    /// <summary>TDG.MEM.PAGE.ACCEPT.</summary>
    public static SeptState? Accept(SeptState from) =>
        from is SeptState.Pending or SeptState.PendingExportedDirty ? SeptState.Mapped : null;

    /// <summary>MEM.RANGE.BLOCK.</summary>
    public static SeptState? Block(SeptState from) => from switch
    {
        SeptState.NlMapped => SeptState.NlBlocked,
        SeptState.Mapped or SeptState.BlockedW => SeptState.Blocked,
        SeptState.Pending or SeptState.PendingBlockedW => SeptState.PendingBlocked,
        _ => null,
    };

    /// <summary>MEM.RANGE.UNBLOCK.</summary>
    public static SeptState? Unblock(SeptState from) => from switch
    {
        SeptState.NlBlocked => SeptState.NlMapped,
        SeptState.Blocked => SeptState.Mapped,
        SeptState.PendingBlocked => SeptState.Pending,
        _ => null,
    };

    /// <summary>Whether it is a page, not a page table and not nothing.</summary>
    public static bool IsLeaf(this SeptState state) => state >= SeptState.Mapped;

    /// <summary>Whether MEM.RANGE.BLOCK has been there.</summary>
    public static bool IsBlocked(this SeptState state) =>
        state is SeptState.NlBlocked or SeptState.Blocked or SeptState.PendingBlocked;

    /// <summary>Whether the guest can use the page.</summary>
    public static bool IsAccessible(this SeptState state) => state is SeptState.Mapped or SeptState.BlockedW;
}
