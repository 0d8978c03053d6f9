namespace GmemActors.Hardware;

/// <summary>The number of a guest page frame: <c>gfn_t</c>.</summary>
public readonly record struct Gfn(ulong Value)
{
    /// <summary>So many frames on.</summary>
    public static Gfn operator +(Gfn gfn, ulong count) => new(gfn.Value + count);

    /// <inheritdoc/>
    public override string ToString() => $"0x{Value:x}";
}
