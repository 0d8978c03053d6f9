namespace GmemActors.Actors;

/// <summary>Which SPTEs an invalidation takes away, where private and shared ones are in trees of their own.</summary>
/// <remarks>Source: include/linux/kvm_host.h, enum kvm_gfn_range_filter.</remarks>
[Flags]
public enum KvmGfnRangeFilter
{
    /// <summary><c>KVM_FILTER_SHARED</c>: the direct roots.</summary>
    Shared = 1 << 0,

    /// <summary><c>KVM_FILTER_PRIVATE</c>: the mirror roots.</summary>
    Private = 1 << 1,

    /// <summary>Both.</summary>
    All = Shared | Private,
}
