namespace GmemActors.Hardware;

/// <summary>How a guest's instruction on the RMP ended: a fault, or a code in EAX and the carry flag.</summary>
public readonly record struct RmpOutcome
{
    private const int CodeShift = 50;
    private const ulong CodeMask = 0xFul << CodeShift;
    private const ulong CarryBit = 1ul << 54;

    private readonly ulong _bits;

    /// <summary>It was refused before it did anything.</summary>
    public RmpOutcome(Fault fault) => _bits = fault.Bits;

    /// <summary>It ended with a code.</summary>
    public RmpOutcome(RmpResult code, bool carry = false) => _bits = ((ulong)code << CodeShift) | (carry ? CarryBit : 0);

    /// <summary>The fault, if there was one.</summary>
    public Fault Fault => new(_bits & ~(CodeMask | CarryBit));

    /// <summary>EAX, if there was no fault.</summary>
    public RmpResult Code => (RmpResult)((_bits & CodeMask) >> CodeShift);

    /// <summary>PVALIDATE's carry flag: the bit had that value already.</summary>
    public bool Carry => (_bits & CarryBit) != 0;

    /// <inheritdoc/>
    public override string ToString() => Fault.IsFault ? $"{Fault}" : Carry ? $"{Code}, CF" : $"{Code}";
}
