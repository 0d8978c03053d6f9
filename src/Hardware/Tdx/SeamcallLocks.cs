using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>What a call of the TDX module locks.</summary>
public enum TdxLock : byte
{
    /// <summary>The trust domain's root.</summary>
    Tdr,

    /// <summary>Its operation state.</summary>
    OpState,

    /// <summary>Its secure EPT as a tree.</summary>
    SeptTree,

    /// <summary>Its secure EPT as a tree, if the vCPU is suspected of being stepped.</summary>
    SeptTreeIfZeroStep,

    /// <summary>One entry of its secure EPT.</summary>
    SeptEntry,

    /// <summary>The page, in the PAMT: the one that is named, or the one that is mapped at the entry.</summary>
    Page,

    /// <summary>Its TLB epoch.</summary>
    TdEpoch,

    /// <summary>The vCPU's root.</summary>
    Tdvpr,

    /// <summary>The key ownership table.</summary>
    Kot,
}

/// <summary>One lock that a call takes.</summary>
public readonly record struct LockNeed(TdxLock Lock, LockMode Mode);

/// <summary>Which locks each call takes, in this order; all of them are tried, none is waited for.</summary>
/// <remarks>Source: Yan Zhao, "lock status report of TDX module", 2024-09-13; TDX module 1.5.</remarks>
internal static class SeamcallLocks
{
    private const LockMode Shared = LockMode.Shared;
    private const LockMode Exclusive = LockMode.Exclusive;

    internal static LockNeed[] MemSeptAdd { get; } =
    [
        new(TdxLock.Tdr, Shared),
        new(TdxLock.OpState, Shared),
        new(TdxLock.Page, Exclusive),
        new(TdxLock.SeptTree, Shared),
        new(TdxLock.SeptEntry, Exclusive),
    ];

    internal static LockNeed[] MemSeptRemove { get; } =
    [
        new(TdxLock.Tdr, Shared),
        new(TdxLock.OpState, Shared),
        new(TdxLock.SeptTree, Exclusive),
        new(TdxLock.SeptEntry, Exclusive),
        new(TdxLock.Page, Exclusive),
    ];

    internal static LockNeed[] MemPageAdd { get; } = [new(TdxLock.Tdr, Exclusive), new(TdxLock.Page, Exclusive)];

    internal static LockNeed[] MemPageAug => MemSeptAdd;

    internal static LockNeed[] MemPageRemove { get; } =
    [
        new(TdxLock.Tdr, Shared),
        new(TdxLock.OpState, Shared),
        new(TdxLock.SeptTree, Shared),
        new(TdxLock.SeptEntry, Exclusive),
        new(TdxLock.Page, Exclusive),
    ];

    internal static LockNeed[] MemRangeBlock { get; } =
    [
        new(TdxLock.Tdr, Shared),
        new(TdxLock.OpState, Shared),
        new(TdxLock.SeptTree, Exclusive),
        new(TdxLock.SeptEntry, Exclusive),
    ];

    internal static LockNeed[] MemTrack { get; } =
        [new(TdxLock.Tdr, Shared), new(TdxLock.OpState, Shared), new(TdxLock.TdEpoch, Exclusive)];

    internal static LockNeed[] VpEnter { get; } =
    [
        new(TdxLock.Tdvpr, Exclusive),
        new(TdxLock.Tdr, Shared),
        new(TdxLock.OpState, Shared),
        new(TdxLock.SeptTreeIfZeroStep, Exclusive),
        new(TdxLock.TdEpoch, Shared),
    ];

    internal static LockNeed[] VpCreate { get; } =
        [new(TdxLock.Page, Exclusive), new(TdxLock.Tdr, Shared), new(TdxLock.OpState, Shared)];

    internal static LockNeed[] VpInit { get; } =
        [new(TdxLock.Tdvpr, Exclusive), new(TdxLock.Tdr, Exclusive), new(TdxLock.OpState, Shared)];

    internal static LockNeed[] VpFlush { get; } =
        [new(TdxLock.Tdvpr, Exclusive), new(TdxLock.Tdr, Shared), new(TdxLock.OpState, Shared)];

    internal static LockNeed[] GuestPageAccept { get; } = [new(TdxLock.SeptEntry, Exclusive)];

    internal static LockNeed[] TdAlone { get; } = [new(TdxLock.Tdr, Exclusive)];

    internal static LockNeed[] TdAndPage => MemPageAdd;

    internal static LockNeed[] TdAndKot { get; } = [new(TdxLock.Tdr, Exclusive), new(TdxLock.Kot, Exclusive)];

    internal static LockNeed[] PageAndKot { get; } = [new(TdxLock.Page, Exclusive), new(TdxLock.Kot, Exclusive)];

    internal static LockNeed[] PhymemPageReclaim { get; } = [new(TdxLock.Page, Exclusive), new(TdxLock.Tdr, Shared)];

    internal static LockNeed[] PhymemPageWbinvd { get; } = [new(TdxLock.Page, Shared)];

    internal static LockNeed[] PhymemCacheWb { get; } = [new(TdxLock.Kot, Shared)];
}
