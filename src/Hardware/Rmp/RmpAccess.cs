namespace GmemActors.Hardware;

/// <summary>Who accesses memory, as far as the RMP is concerned.</summary>
public enum Accessor : byte
{
    /// <summary>The hypervisor, or anything outside a guest.</summary>
    Host,

    /// <summary>A guest that is not an SNP guest.</summary>
    LegacyGuest,

    /// <summary>An SNP guest.</summary>
    SnpGuest,
}

/// <summary>What an access does.</summary>
public enum AccessKind : byte
{
    /// <summary>Reads data.</summary>
    Read,

    /// <summary>Writes data, or the accessed and dirty bits of a page table.</summary>
    Write,

    /// <summary>Fetches instructions.</summary>
    Execute,
}

/// <summary>An access that has passed all page tables.</summary>
public readonly record struct RmpAccess
{
    /// <summary>The frame.</summary>
    public Pfn Pfn { get; init; }

    /// <summary>The guest's number for it; only guests have one.</summary>
    public Gfn Gfn { get; init; }

    /// <summary>The size of the host's mapping, or of the nested one.</summary>
    public PageLevel Level { get; init; }

    /// <summary>Who.</summary>
    public Accessor By { get; init; }

    /// <summary>What.</summary>
    public AccessKind Kind { get; init; }

    /// <summary>Whether a guest's page tables are walked.</summary>
    public bool IsPageWalk { get; init; }

    /// <summary>The C-bit.</summary>
    public bool Encrypted { get; init; }

    /// <summary>Whether it comes from user mode.</summary>
    public bool User { get; init; }

    /// <summary>Which SNP guest, at which VMPL.</summary>
    public SnpContext Context { get; init; }

    /// <summary>The effective C-bit: page walks and fetches are private whatever the C-bit says.</summary>
    public bool IsPrivate => By == Accessor.SnpGuest && (Encrypted || IsPageWalk || Kind == AccessKind.Execute);

    /// <summary>Whether the RMP is looked at.</summary>
    public bool IsChecked => IsPrivate || Kind == AccessKind.Write;

    /// <summary>The host's write through its direct map; without a fault the write itself is the caller's next step.</summary>
    public static RmpAccess HostWrite(Pfn pfn, PageLevel level = PageLevel.Level4K) =>
        new() { Pfn = pfn, Level = level, By = Accessor.Host, Kind = AccessKind.Write };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{By} {(IsPrivate ? "private " : "")}{Kind} of {Pfn}{(By == Accessor.Host ? "" : $" at gfn {Gfn}")}, {Level}";
}
