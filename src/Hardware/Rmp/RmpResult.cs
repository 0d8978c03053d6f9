namespace GmemActors.Hardware;

/// <summary>What an instruction on the RMP leaves in EAX.</summary>
/// <remarks>
/// Source: Microsoft Learn, the pages on the RMP intrinsics; Linux arch/x86/include/asm/sev.h names 3, 4 and 6.
/// </remarks>
public enum RmpResult : byte
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>Bad address or alignment, a page that the RMP does not cover, reserved bits.</summary>
    FailInput = 1,

    /// <summary>Not the host, an immutable page, or more than the VMPL may.</summary>
    FailPermission = 2,

    /// <summary>Another processor edits the entry, or a VMRUN uses the page.</summary>
    FailInuse = 3,

    /// <summary>A 4K page inside a 2M entry, or a 2M page over assigned 4K entries.</summary>
    FailOverlap = 4,

    /// <summary>2M was asked for, and the entry is 4K.</summary>
    FailSizemismatch = 6,

    /// <summary>PSMASH: the page is not suitable to be expanded.</summary>
    FailUnsuitable = 7,
}

/// <summary>
/// In which order RMPUPDATE looks for three of its refusals. The address comes first, a locked entry before all of these.
/// </summary>
/// <remarks>No source gives the order; firmware-owned pages inside a 2M region are known to answer FAIL_PERMISSION.</remarks>
public readonly record struct RmpupdateOrder(RmpResult First, RmpResult Second, RmpResult Third)
{
    /// <summary>Permission, in use, overlap: what has been observed fits it.</summary>
    public static RmpupdateOrder PermissionFirst => new(RmpResult.FailPermission, RmpResult.FailInuse, RmpResult.FailOverlap);

    /// <summary>Overlap, in use, permission.</summary>
    public static RmpupdateOrder OverlapFirst => new(RmpResult.FailOverlap, RmpResult.FailInuse, RmpResult.FailPermission);

    /// <summary>In use, overlap, permission.</summary>
    public static RmpupdateOrder InuseFirst => new(RmpResult.FailInuse, RmpResult.FailOverlap, RmpResult.FailPermission);

    /// <inheritdoc/>
    public override string ToString() => $"{First}, {Second}, {Third}";
}
