namespace GmemActors.Hardware;

/// <summary>What machines differ in, and what the sources do not agree on: each value is a machine that may exist.</summary>
public sealed record MachineOptions
{
    /// <summary>The machine that a scenario gets if it does not say otherwise.</summary>
    public static MachineOptions Default { get; } = new();

    /// <summary>
    /// Whether a nested 4K mapping of a page whose RMP entry is 2M reports <see cref="PageFaultError.Sizem"/>. AMD APM vol 2
    /// §15.36.10 gives the bit to PVALIDATE and RMPADJUST alone; a mail of KVM's maintainers sees it here too.
    /// </summary>
    public bool SizemOnNptMismatch { get; init; }

    /// <summary>
    /// What PSMASH answers when the page is no assigned 2M page: <see cref="RmpResult.FailUnsuitable"/> (Microsoft's page on the
    /// intrinsic), or 4 as reported elsewhere, which RMPUPDATE calls <see cref="RmpResult.FailOverlap"/>.
    /// </summary>
    public RmpResult PsmashBadPageCode { get; init; } = RmpResult.FailUnsuitable;

    /// <summary>Which of its refusals RMPUPDATE gives when several apply; the sources do not say.</summary>
    public RmpupdateOrder RmpupdateOrder { get; init; } = RmpupdateOrder.PermissionFirst;

    /// <summary>
    /// Whether a 4K RMPUPDATE meets FAIL_OVERLAP while another CPU edits a neighbour in the same 2M region, whose count of
    /// assigned pages is then in motion. Linux's <c>rmpupdate()</c> tries again on this code, and on this one only.
    /// </summary>
    public bool TransientOverlap { get; init; } = true;

    /// <summary>Whether a TD that touches a pending page gets #VE; if not, it exits to the host, which may be fatal.</summary>
    public bool PendingVe { get; init; }

    /// <summary>
    /// Whether a partial write with the wrong key poisons the line (Documentation/arch/x86/tdx.rst: the erratum of the first TDX
    /// processors). On those the host fills a page with whole lines when it takes it back from a trust domain.
    /// </summary>
    public bool TdxPartialWriteErratum { get; init; }

    /// <summary>How many processor packages there are: each has its own key table and caches.</summary>
    public int Packages { get; init; } = 1;
}
