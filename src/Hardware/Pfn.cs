namespace GmemActors.Hardware;

/// <summary>The number of a host page frame: <c>kvm_pfn_t</c>.</summary>
public readonly record struct Pfn(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"0x{Value:x}";
}
