namespace GmemActors.Actors;

/// <summary>What KVM_SET_USER_MEMORY_REGION2 is given: <c>struct kvm_userspace_memory_region2</c>.</summary>
/// <param name="Slot">The memslot's number in its low 16 bits, the address space above.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="GuestPhysAddr">The guest's address of its first byte.</param>
/// <param name="MemorySize">Its bytes; 0 deletes it.</param>
/// <param name="GuestMemfd">The descriptor of its gmem file.</param>
/// <param name="GuestMemfdOffset">The byte of the file at its first byte.</param>
/// <param name="UserspaceAddr">The user's address of its first byte.</param>
public sealed record UserMemoryRegion(
    uint Slot,
    KvmMem Flags,
    ulong GuestPhysAddr,
    ulong MemorySize,
    int GuestMemfd = -1,
    ulong GuestMemfdOffset = 0,
    ulong UserspaceAddr = 0);
