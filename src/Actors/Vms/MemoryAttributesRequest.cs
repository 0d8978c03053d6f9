namespace GmemActors.Actors;

/// <summary>What KVM_SET_MEMORY_ATTRIBUTES is given: <c>struct kvm_memory_attributes</c>.</summary>
/// <param name="Address">The guest's address of the first byte.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="Attributes">What all of them are to have.</param>
/// <param name="Flags">None is supported.</param>
public sealed record MemoryAttributesRequest(ulong Address, ulong Size, KvmMemoryAttributes Attributes, ulong Flags = 0)
{
    /// <summary>The request to convert frames.</summary>
    public static MemoryAttributesRequest Convert(GfnRange range, bool toPrivate) => new(
        range.Start.Value << Pages.Shift,
        (range.End.Value - range.Start.Value) << Pages.Shift,
        toPrivate ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None);
}
