namespace GmemActors.Hardware;

/// <summary>What a walk of the nested page tables gives for a guest frame: nothing, or a frame of the host's memory.</summary>
public readonly record struct Translation
{
    private readonly uint _pfn;
    private readonly Bits _bits;

    /// <summary>A mapping.</summary>
    /// <param name="pfn">The first frame of the mapping, aligned to its size.</param>
    /// <param name="level">Its size.</param>
    /// <param name="writable">Whether it can be written through.</param>
    public Translation(Pfn pfn, PageLevel level, bool writable)
        : this(pfn, level, Bits.Present | (writable ? Bits.Writable : 0))
    {
    }

    private Translation(Pfn pfn, PageLevel level, Bits bits)
    {
        _pfn = pfn.Value;
        Level = level;
        _bits = bits;
    }

    [Flags]
    private enum Bits : byte
    {
        Present = 1,
        Writable = 2,
        Pending = 4,
    }

    /// <summary>Not mapped.</summary>
    public static Translation None => default;

    /// <summary>The first frame.</summary>
    public Pfn Pfn => new(_pfn);

    /// <summary>Its size.</summary>
    public PageLevel Level { get; }

    /// <summary>Whether there is one.</summary>
    public bool IsPresent => (_bits & Bits.Present) != 0;

    /// <summary>Whether it can be written through.</summary>
    public bool IsWritable => (_bits & Bits.Writable) != 0;

    /// <summary>Whether the trust domain has yet to accept it.</summary>
    public bool IsPending => (_bits & Bits.Pending) != 0;

    /// <summary>In the secure EPT, and not accepted by the trust domain: no access goes through.</summary>
    public static Translation Pending(Pfn pfn, PageLevel level) => new(pfn, level, Bits.Pending);

    /// <summary>The frame that a guest frame of this mapping is at.</summary>
    public Pfn PfnOf(Gfn gfn) => new(_pfn + (uint)(gfn.Value & (Level.Pages() - 1)));

    /// <summary>Whether it lets an access through.</summary>
    public bool Allows(AccessKind kind) => IsPresent && (IsWritable || kind != AccessKind.Write);

    /// <inheritdoc/>
    public override string ToString() =>
        IsPresent ? $"{Pfn} {Level}{(IsWritable ? " writable" : "")}" : IsPending ? "pending" : "none";
}
