namespace GmemActors.Actors;

/// <summary>An ioctl of a VM with its argument, which is null if its memory cannot be read.</summary>
/// <remarks>Source: include/uapi/linux/kvm.h.</remarks>
public abstract record VmIoctl
{
    private VmIoctl()
    {
    }

    /// <summary>KVM_CREATE_GUEST_MEMFD; returns a descriptor.</summary>
    /// <param name="Args">What it is given.</param>
    public sealed record CreateGuestMemfd(KvmCreateGuestMemfd? Args) : VmIoctl;

    /// <summary>KVM_SET_USER_MEMORY_REGION, the first form: without gmem.</summary>
    /// <param name="Mem">What it is given.</param>
    public sealed record SetUserMemoryRegion(UserMemoryRegion? Mem) : VmIoctl;

    /// <summary>KVM_SET_USER_MEMORY_REGION2.</summary>
    /// <param name="Mem">What it is given.</param>
    public sealed record SetUserMemoryRegion2(UserMemoryRegion? Mem) : VmIoctl;

    /// <summary>KVM_SET_MEMORY_ATTRIBUTES.</summary>
    /// <param name="Attrs">What it is given.</param>
    public sealed record SetMemoryAttributes(MemoryAttributesRequest? Attrs) : VmIoctl;
}

/// <summary>What KVM_CREATE_GUEST_MEMFD is given: <c>struct kvm_create_guest_memfd</c>. The reserved fields are not looked at.</summary>
/// <param name="Size">The bytes of the file.</param>
/// <param name="Flags">What it is to be.</param>
public sealed record KvmCreateGuestMemfd(long Size, GuestMemfdKind Flags = GuestMemfdKind.None);
