using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>An entry of KVM's page tables: nothing, FROZEN, a table below, or a leaf. Eight bytes.</summary>
/// <remarks>
/// Source: arch/x86/kvm/mmu/spte.h. Simplified: no MMIO entries; accessed and dirty bits are not kept.
/// </remarks>
public readonly record struct Spte
{
    private readonly uint _number;
    private readonly PageLevel _level;
    private readonly Bits _bits;

    private Spte(uint number, PageLevel level, Bits bits) => (_number, _level, _bits) = (number, level, bits);

    [Flags]
    private enum Bits : byte
    {
        None = 0,
        Leaf = 1,
        Table = 2,
        Frozen = 4,
        Private = 8,
        Writable = 16,
    }

    /// <summary>Nothing: not present.</summary>
    public static Spte None => default;

    /// <summary><c>FROZEN_SPTE</c>: not present, and nobody else may change it.</summary>
    public static Spte Frozen => new(0, PageLevel.None, Bits.Frozen);

    /// <summary>A table of the level below.</summary>
    public static Spte Table => new(0, PageLevel.None, Bits.Table);

    /// <summary>Whether it maps memory: <c>is_last_spte()</c> of a present one.</summary>
    public bool IsLeaf => (_bits & Bits.Leaf) != 0;

    /// <summary>Whether it refers to a table.</summary>
    public bool IsTable => (_bits & Bits.Table) != 0;

    /// <summary>Whether it must not be touched.</summary>
    public bool IsFrozen => (_bits & Bits.Frozen) != 0;

    /// <summary>Of a leaf: its first frame.</summary>
    public Pfn Pfn => new(_number);

    /// <summary>Of a leaf: its size.</summary>
    public PageLevel Level => _level;

    /// <summary>Of a leaf: whether its memory came from a gmem file. KVM keeps it where the hardware needs it; here properties do.</summary>
    public bool IsPrivate => (_bits & Bits.Private) != 0;

    /// <summary>Of a leaf: whether it lets writes through.</summary>
    public bool IsWritable => (_bits & Bits.Writable) != 0;

    /// <summary>A leaf.</summary>
    public static Spte Leaf(Pfn pfn, bool isPrivate, PageLevel level = PageLevel.Level4K, bool isWritable = true) => new(
        pfn.Value,
        level,
        Bits.Leaf | (isPrivate ? Bits.Private : Bits.None) | (isWritable ? Bits.Writable : Bits.None));

    /// <summary>Of a leaf: the leaf of one 4K page in it.</summary>
    public Spte Child(ulong index) => new(_number + (uint)index, PageLevel.Level4K, _bits);

    /// <inheritdoc/>
    public override string ToString() =>
        IsFrozen ? "FROZEN" : IsTable ? "table" : !IsLeaf ? "none"
        : $"{Pfn}{(Level > PageLevel.Level4K ? " 2M" : "")}{(IsPrivate ? "" : " shared")}{(IsWritable ? "" : " read-only")}";
}
