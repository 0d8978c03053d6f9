using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>One thing that a guest does: an instruction or a call to its hypervisor. Immutable.</summary>
public abstract record GuestOp
{
    /// <summary>A private read and write of a frame.</summary>
    public static implicit operator GuestOp(Gfn gfn) => Access.Private(gfn);
}

/// <summary>
/// KVM_HC_MAP_GPA_RANGE: the guest asks user space to make frames private or shared.
/// </summary>
public sealed record MapGpaRange(GfnRange Range, bool IsPrivate) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"map_gpa_range {Range} {(IsPrivate ? "private" : "shared")}";
}
