namespace GmemActors.Actors;

/// <summary>A VM's attributes of guest frames, <c>mem_attr_array</c>: a frame that was never converted is shared.</summary>
/// <remarks>
/// Source: virt/kvm/kvm_main.c. Simplified: frames beyond the guest's limit have none; no huge pages,
/// so no MIXED flags are kept.
/// </remarks>
internal sealed class MemoryAttributes(GfnRange frames)
{
    private readonly KvmMemoryAttributes[] _of = new KvmMemoryAttributes[frames.End.Value - frames.Start.Value];

    internal bool IsPrivate(Gfn gfn) => (Of(gfn) & KvmMemoryAttributes.Private) != 0;

    internal bool AreAll(GfnRange range, KvmMemoryAttributes attributes)
    {
        for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1)
        {
            if (Of(gfn) != attributes) return false;
        }

        return true;
    }

    internal void Store(Gfn gfn, KvmMemoryAttributes attributes)
    {
        if (frames.Contains(gfn)) _of[gfn.Value - frames.Start.Value] = attributes;
    }

    internal void Clear() => Array.Clear(_of);

    private KvmMemoryAttributes Of(Gfn gfn) =>
        frames.Contains(gfn) ? _of[gfn.Value - frames.Start.Value] : KvmMemoryAttributes.None;
}
