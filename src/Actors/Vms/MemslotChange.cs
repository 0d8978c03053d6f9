namespace GmemActors.Actors;

/// <summary>What a call does to a memslot: <c>enum kvm_mr_change</c>. Source: include/linux/kvm_host.h.</summary>
internal enum MemslotChange
{
    /// <summary><c>KVM_MR_CREATE</c>.</summary>
    Create,

    /// <summary><c>KVM_MR_DELETE</c>.</summary>
    Delete,

    /// <summary><c>KVM_MR_MOVE</c>: other frames.</summary>
    Move,

    /// <summary><c>KVM_MR_FLAGS_ONLY</c>.</summary>
    FlagsOnly,
}
