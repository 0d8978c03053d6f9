namespace GmemActors.Actors;

/// <summary>What a gmem file is made to be: <c>GUEST_MEMFD_FLAG_…</c>. Source: include/uapi/linux/kvm.h.</summary>
[Flags]
public enum GuestMemfdKind : ulong
{
    /// <summary>Private memory that user space does not map.</summary>
    None = 0,

    /// <summary><c>GUEST_MEMFD_FLAG_MMAP</c>: user space may map it.</summary>
    Mmap = 1 << 0,

    /// <summary><c>GUEST_MEMFD_FLAG_INIT_SHARED</c>: its memory is shared with user space, which may use what it maps.</summary>
    InitShared = 1 << 1,
}
