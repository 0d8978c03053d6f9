namespace GmemActors.Actors;

/// <summary>Attributes of a guest frame. Source: include/uapi/linux/kvm.h.</summary>
[Flags]
public enum KvmMemoryAttributes : ulong
{
    /// <summary>None: the frame is shared with the host.</summary>
    None = 0,

    /// <summary><c>KVM_MEMORY_ATTRIBUTE_PRIVATE</c>: its memory comes from a gmem file.</summary>
    Private = 1 << 3,
}
