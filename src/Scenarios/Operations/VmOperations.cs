using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Operations;

/// <summary>ioctls of a VM and of its vCPUs.</summary>
internal static class VmOperations
{
    // Attributes are compared frame by frame in one step: as many as nobody waits for.
    private const ulong LargestConversion = 1 << 30;

    private static readonly Parameter Vm = new("vm", ArgumentType.Vm);
    private static readonly Parameter Slot = new("slot", ArgumentType.Slot);
    private static readonly Parameter Gpa = new("gpa", ArgumentType.Gpa);
    private static readonly Parameter Size = new("size", ArgumentType.Size);

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("create_memslot", "kvm_vm_ioctl_set_memory_region", "KVM_SET_USER_MEMORY_REGION2 with a size: makes a memslot.")
        {
            Parameters =
            [
                Vm,
                Slot,
                Gpa,
                Size,
                new("file", ArgumentType.FileOrNone),
                new("offset", ArgumentType.Size, "0"),
                new("hva", ArgumentType.Hva, "0"),
                new("flags", ArgumentType.SlotFlags, "guest_memfd"),
            ],
            Errnos = [Errno.EIO, Errno.EINVAL, Errno.EEXIST, Errno.EBADF, Errno.ENOMEM],
            Run = (current, call) => Set(
                current,
                call,
                new((uint)call.Number(1), (KvmMem)call.Number(7), call.Number(2), call.Number(3), call.Fd(4), call.Number(5), call.Number(6))),
        },
        new("delete_memslot", "kvm_vm_ioctl_set_memory_region", "KVM_SET_USER_MEMORY_REGION2 with size 0: takes a memslot away.")
        {
            Parameters = [Vm, Slot],
            Errnos = [Errno.EIO, Errno.EINVAL],
            Run = (current, call) => Set(current, call, new((uint)call.Number(1), KvmMem.None, GuestPhysAddr: 0, MemorySize: 0)),
        },
        new("set_memory_attributes", "kvm_vm_ioctl_set_mem_attributes", "KVM_SET_MEMORY_ATTRIBUTES: converts a range to private or shared.")
        {
            Parameters = [Vm, Gpa, Size, new("kind", ArgumentType.Kind)],
            Errnos = [Errno.EIO, Errno.ENOTTY, Errno.EINVAL, Errno.ENOMEM],
            Refuses = call => call.Number(2) > LargestConversion && Pages.IsAligned(call.Number(2))
                ? ($"0x{call.Number(2):x} bytes", "at most 1G at once")
                : null,
            Run = (current, call) => call.Ioctl(current, 0, new VmIoctl.SetMemoryAttributes(new(
                call.Number(1), call.Number(2), call.IsPrivate(3) ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None))),
        },
        new("pre_fault", "kvm_vcpu_pre_fault_memory", "KVM_PRE_FAULT_MEMORY: maps a range before the guest uses it.")
        {
            IsOfVcpu = true,
            Parameters = [Gpa, Size],
            Errnos = [Errno.ENOTTY, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOENT, Errno.EFAULT, Errno.EAGAIN, Errno.EINTR],
            Run = async (current, call) => (await KvmMain.KvmVcpuPreFaultMemory(current, call.Vcpu, call.Number(0), call.Number(1))).Errno,
        },
    ];

    private static Path<Errno> Set(KernelTask current, Call call, UserMemoryRegion region) =>
        call.Ioctl(current, 0, new VmIoctl.SetUserMemoryRegion2(region));
}
