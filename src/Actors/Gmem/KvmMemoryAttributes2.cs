namespace GmemActors.Actors;

/// <summary>
/// What KVM_SET_MEMORY_ATTRIBUTES2 of a gmem file is given, and tells: <c>struct kvm_memory_attributes2</c>.
/// </summary>
/// <remarks>Source: the RFC of 2026 that converts guest_memfd in place. Simplified: the reserved fields are one value.</remarks>
/// <param name="offset">The file's offset of the first byte.</param>
/// <param name="size">How many bytes.</param>
/// <param name="attributes">What all of them are to have.</param>
public sealed class KvmMemoryAttributes2(ulong offset, ulong size, KvmMemoryAttributes attributes)
{
    /// <summary>The file's offset of the first byte.</summary>
    public ulong Offset { get; } = offset;

    /// <summary>How many bytes.</summary>
    public ulong Size { get; } = size;

    /// <summary>What all of them are to have.</summary>
    public KvmMemoryAttributes Attributes { get; } = attributes;

    /// <summary>None is supported.</summary>
    public ulong Flags { get; init; }

    /// <summary>0.</summary>
    public ulong Reserved { get; init; }

    /// <summary>0 when it is given; where a conversion that fails has met what it fails for.</summary>
    public ulong ErrorOffset { get; set; }

    /// <summary>The request to convert pages.</summary>
    public static KvmMemoryAttributes2 Convert(PageRange range, bool toPrivate) => new(
        range.Start.Value << Pages.Shift,
        (range.End.Value - range.Start.Value) << Pages.Shift,
        toPrivate ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None);
}
