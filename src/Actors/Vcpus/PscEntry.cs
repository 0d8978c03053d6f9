using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What is to become of a page: the operation of a page state change.</summary>
/// <remarks>Source: arch/x86/include/asm/sev-common.h; the last two: GHCB specification.</remarks>
public enum PscOperation : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Private.</summary>
    Private = 1,

    /// <summary>Shared.</summary>
    Shared = 2,

    /// <summary>A hint to break a 2M page up.</summary>
    Psmash = 3,

    /// <summary>A hint to join a 2M page.</summary>
    Unsmash = 4,
}

/// <summary>One entry of a page state change: <c>struct psc_entry</c>, 8 bytes as in the GHCB.</summary>
/// <remarks>Source: arch/x86/include/asm/sev-common.h.</remarks>
public readonly record struct PscEntry
{
    private readonly ulong _bits;

    /// <summary>An entry of which so much is done.</summary>
    public PscEntry(Gfn gfn, PscOperation operation, bool isLarge = false, int curPage = 0) =>
        _bits = ((ulong)curPage & 0xFFF) | (gfn.Value << 12) | ((ulong)operation << 52) | (isLarge ? 1ul << 56 : 0);

    /// <summary>The first frame; 40 bits.</summary>
    public Gfn Gfn => new((_bits >> 12) & ((1ul << 40) - 1));

    /// <summary>What it is to become.</summary>
    public PscOperation Operation => (PscOperation)((_bits >> 52) & 0xF);

    /// <summary>2M, not 4K: <c>pagesize</c>.</summary>
    public bool IsLarge => (_bits & (1ul << 56)) != 0;

    /// <summary>How many 4K pages of it are done: 12 bits.</summary>
    public int CurPage => (int)(_bits & 0xFFF);

    /// <summary>How many 4K pages it has.</summary>
    public int Pages => IsLarge ? 512 : 1;

    /// <summary>The entry when it is done.</summary>
    public PscEntry Completed => new(Gfn, Operation, IsLarge, Pages);

    /// <inheritdoc/>
    public override string ToString() => $"{Gfn} {Operation}{(IsLarge ? " 2M" : "")}{(CurPage > 0 ? $" ({CurPage} done)" : "")}";
}

/// <summary>The header of a page state change: <c>struct psc_hdr</c>.</summary>
/// <param name="CurEntry">The first entry that is not done.</param>
/// <param name="EndEntry">The last entry.</param>
public readonly record struct PscHeader(ushort CurEntry, ushort EndEntry);
