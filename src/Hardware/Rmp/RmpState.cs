namespace GmemActors.Hardware;

/// <summary>The bits of an RMP entry.</summary>
[Flags]
public enum RmpBits : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The page is not the hypervisor's.</summary>
    Assigned = 1,

    /// <summary>The page size is 2M.</summary>
    Large = 2,

    /// <summary>Only the firmware may change the entry.</summary>
    Immutable = 4,

    /// <summary>The guest has validated the page.</summary>
    Validated = 8,

    /// <summary>The page is a VMSA.</summary>
    Vmsa = 16,

    /// <summary>A VMRUN uses the page: VMCB, AVIC backing page or VMSA.</summary>
    InUse = 32,

    /// <summary>RMPREAD of a 2M-aligned page: another page of that 2M is assigned.</summary>
    RegionAssigned = 64,

    /// <summary>No entry of the table: the RMP does not cover the page.</summary>
    NoEntry = 128,
}

/// <summary>What an RMP entry says, and what RMPUPDATE is asked to make it say: <c>struct rmp_state</c>.</summary>
/// <remarks>
/// Source: AMD APM vol 2 table 15-36. Simplified: guest frame numbers fit 32 bits, so that it travels without a box.
/// </remarks>
public readonly record struct RmpState
{
    private readonly uint _gfn;
    private readonly ushort _asid;
    private readonly RmpBits _bits;

    internal RmpState(uint gfn, ushort asid, RmpBits bits)
    {
        _gfn = gfn;
        _asid = asid;
        _bits = bits;
    }

    /// <summary>The hypervisor's: what <c>rmp_make_shared()</c> writes at 4K.</summary>
    public static RmpState Shared => default;

    /// <summary>What reading the entry of a page that the RMP does not cover gives.</summary>
    public static RmpState None => new(0, 0, RmpBits.NoEntry);

    /// <summary>Whether the page has an entry.</summary>
    public bool HasEntry => !Has(RmpBits.NoEntry);

    /// <summary>The guest frame at which the page, or the first of a 2M page, is.</summary>
    public Gfn Gfn => new(_gfn);

    /// <summary>Whose it is.</summary>
    public Asid Asid => new(_asid);

    /// <summary>Whether it is not the hypervisor's.</summary>
    public bool Assigned => Has(RmpBits.Assigned);

    /// <summary>The page size.</summary>
    public PageLevel Level => Has(RmpBits.Large) ? PageLevel.Level2M : PageLevel.Level4K;

    /// <summary>Whether only the firmware may change it.</summary>
    public bool Immutable => Has(RmpBits.Immutable);

    /// <summary>Whether the guest has validated it. RMPREAD does not show it, the table in memory does.</summary>
    public bool Validated => Has(RmpBits.Validated);

    /// <summary>Whether it is a VMSA. RMPREAD does not show it, the table in memory does.</summary>
    public bool Vmsa => Has(RmpBits.Vmsa);

    /// <summary>RMPREAD only: the page is 2M-aligned and another page of that 2M is assigned.</summary>
    public bool RegionAssigned => Has(RmpBits.RegionAssigned);

    /// <summary>The bits as they are.</summary>
    public RmpBits Bits => _bits;

    /// <summary>A guest's: what <c>rmp_make_private()</c> writes.</summary>
    public static RmpState Private(Asid asid, Gfn gfn, PageLevel level = PageLevel.Level4K, bool immutable = false) =>
        new((uint)gfn.Value, asid.Value, RmpBits.Assigned | Size(level) | (immutable ? RmpBits.Immutable : RmpBits.None));

    /// <summary>The hypervisor's at a size: what <c>rmp_make_shared()</c> writes.</summary>
    public static RmpState SharedAt(PageLevel level) => new(0, 0, Size(level));

    /// <inheritdoc/>
    public override string ToString() => Assigned ? $"asid {Asid} gfn {Gfn} {_bits}" : HasEntry ? $"shared {Level}" : "no entry";

    private static RmpBits Size(PageLevel level) => level == PageLevel.Level4K ? RmpBits.None : RmpBits.Large;

    private bool Has(RmpBits bits) => (_bits & bits) != 0;
}
