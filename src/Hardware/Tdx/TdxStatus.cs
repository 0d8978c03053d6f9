namespace GmemActors.Hardware;

/// <summary>The upper half of what the TDX module returns.</summary>
/// <remarks>Source: TDX module 1.5, error codes; Linux arch/x86/include/asm/shared/tdx_errno.h has a subset of them.</remarks>
public enum TdxCode : ulong
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>Interrupted; to be called again, and goes on where it was.</summary>
    InterruptedResumable = 0x8000000300000000,

    /// <summary>An operand is wrong.</summary>
    OperandInvalid = 0xC000010000000000,

    /// <summary>A lock of the module is taken; nothing has changed.</summary>
    OperandBusy = 0x8000020000000000,

    /// <summary>A vCPU is still inside the epoch before the current one.</summary>
    PreviousTlbEpochBusy = 0x8000020100000000,

    /// <summary>The module itself is busy.</summary>
    SysBusy = 0x8000020200000000,

    /// <summary>A guest's call gives way to a host's that has failed on the same lock.</summary>
    BusyHostPriority = 0x8000020400000000,

    /// <summary>The page is not of the type that is needed.</summary>
    PageMetadataIncorrect = 0xC000030000000000,

    /// <summary>The trust domain still has pages.</summary>
    TdAssociatedPagesExist = 0xC000040000000000,

    /// <summary>The trust domain has no control structure yet.</summary>
    TdcsNotAllocated = 0xC000060600000000,

    /// <summary>Not in this phase of the trust domain's life.</summary>
    LifecycleStateIncorrect = 0xC000060700000000,

    /// <summary>Not before, or not after, the trust domain is finalized.</summary>
    OpStateIncorrect = 0xC000060800000000,

    /// <summary>The vCPU is initialized already, or not yet.</summary>
    VcpuStateIncorrect = 0xC000070000000000,

    /// <summary>The vCPU is associated with another processor.</summary>
    VcpuAssociated = 0x8000070100000000,

    /// <summary>The vCPU is not associated with this processor.</summary>
    VcpuNotAssociated = 0x8000070200000000,

    /// <summary>The keys are not configured on every package.</summary>
    TdKeysNotConfigured = 0x8000081000000000,

    /// <summary>The key is configured on this package already.</summary>
    KeyConfigured = 0x0000081500000000,

    /// <summary>The caches are not written back on every package.</summary>
    WbcacheNotComplete = 0x8000081700000000,

    /// <summary>The HKID is in use.</summary>
    HkidNotFree = 0xC000082000000000,

    /// <summary>No HKID waits for its caches to be written back.</summary>
    NoHkidReadyToWbcache = 0x0000082100000000,

    /// <summary>A vCPU is still associated with a processor.</summary>
    FlushvpNotDone = 0x8000082400000000,

    /// <summary>The secure EPT has no entry there.</summary>
    EptWalkFailed = 0xC0000B0000000000,

    /// <summary>The range must be blocked first.</summary>
    GpaRangeNotBlocked = 0xC0000B0600000000,

    /// <summary>The range is blocked already. No error.</summary>
    GpaRangeAlreadyBlocked = 0x00000B0700000000,

    /// <summary>A processor may still have the translation.</summary>
    TlbTrackingNotDone = 0xC0000B0800000000,

    /// <summary>The guest has accepted the page already. No error.</summary>
    PageAlreadyAccepted = 0x00000B0A00000000,

    /// <summary>The page is mapped at a smaller size.</summary>
    PageSizeMismatch = 0xC0000B0B00000000,

    /// <summary>The entry's state does not allow it.</summary>
    EptEntryStateIncorrect = 0xC0000B0D00000000,
}

/// <summary>Which operand a status is about: its low bits.</summary>
/// <remarks>Source: TDX module 1.5, operand identifiers; Linux names RCX, TDR, SEPT and TD_EPOCH.</remarks>
public enum TdxOperand : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Register RCX.</summary>
    Rcx = 0x01,

    /// <summary>Register R8: the page of most calls.</summary>
    R8 = 0x08,

    /// <summary>The trust domain's root.</summary>
    Tdr = 0x80,

    /// <summary>The vCPU's root.</summary>
    Tdvpr = 0x82,

    /// <summary>The secure EPT as a tree.</summary>
    Sept = 0x92,

    /// <summary>One entry of the secure EPT.</summary>
    SeptEntry = 0x93,

    /// <summary>The trust domain's TLB epoch.</summary>
    TdEpoch = 0xA9,

    /// <summary>The trust domain's operation state.</summary>
    OpState = 0xAC,

    /// <summary>The key ownership table.</summary>
    Kot = 0xBA,
}

/// <summary>What the TDX module returns in RAX: a code, and the operand or the exit reason in the low half.</summary>
public readonly record struct TdxStatus(ulong Value)
{
    private const ulong CodeMask = 0xFFFFFFFF00000000;
    private const uint EptViolation = 48;
    private const uint FlushedAtEntry = 0x80000000;

    /// <summary>Done.</summary>
    public static TdxStatus Success => default;

    /// <summary>
    /// The trust domain exits with an EPT violation: from VP.ENTER without having run, or instead of what it called for.
    /// </summary>
    public static TdxStatus EptViolationExit => new(EptViolation);

    /// <summary>The upper half.</summary>
    public TdxCode Code => (TdxCode)(Value & CodeMask);

    /// <summary>The operand of an error.</summary>
    public TdxOperand Operand => (TdxOperand)(uint)Value;

    /// <summary>Whether it is an error, and nothing has changed.</summary>
    public bool IsError => (long)Value < 0;

    /// <summary>Whether the trust domain exits instead of running on.</summary>
    public bool IsExit => this == EptViolationExit;

    /// <summary>Of VP.ENTER: whether the vCPU runs now.</summary>
    internal bool HasEntered => Code == TdxCode.Success && !IsExit;

    /// <summary>VP.ENTER succeeded and flushed the TLB: the epoch is another than at the vCPU's last entry.</summary>
    internal static TdxStatus Flushed => new(FlushedAtEntry);

    /// <summary>A code without an operand.</summary>
    public static implicit operator TdxStatus(TdxCode code) => new((ulong)code);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (IsExit) return "EPT violation exit";
        if (this == Flushed) return "Success, TLB flushed";
        return Operand == TdxOperand.None ? $"{Code}" : $"{Code}({Operand})";
    }
}

/// <summary>Makes statuses.</summary>
public static class TdxCodes
{
    /// <summary>The status of a code about an operand.</summary>
    public static TdxStatus With(this TdxCode code, TdxOperand operand) => new((ulong)code | (uint)operand);
}
