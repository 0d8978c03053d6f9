using GmemActors.Actors;
using GmemActors.Hardware;

namespace GmemActors.Scenarios.Operations;

/// <summary>What a guest does.</summary>
internal static class GuestOperations
{
    private static readonly Parameter Gpa = new("gpa", ArgumentType.Gpa);
    private static readonly Parameter Kind = new("kind", ArgumentType.Kind, "private");
    private static readonly Errno[] Exits = [Errno.EFAULT, Errno.EIO, Errno.ENOMEM, Errno.EHWPOISON];

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("read", "kvm_arch_vcpu_ioctl_run", "The guest reads; where it can say so, private or shared, else as the attributes have it.")
        {
            Parameters = [Gpa, Kind],
            Errnos = Exits,
            Guest = call => new Access(call.Gfn(0), call.IsPrivate(1), AccessKind.Read),
            Refuses = call => OutsideOfTheGuest(call, Pages.Size),
        },
        new("write", "kvm_arch_vcpu_ioctl_run", "The guest writes; where it can say so, private or shared, else as the attributes have it.")
        {
            Parameters = [Gpa, Kind],
            Errnos = Exits,
            Guest = call => new Access(call.Gfn(0), call.IsPrivate(1)),
            Refuses = call => OutsideOfTheGuest(call, Pages.Size),
        },
        new("map_gpa_range", "kvm_arch_vcpu_ioctl_run", "KVM_HC_MAP_GPA_RANGE: the guest asks user space to convert a range, which does so.")
        {
            Parameters = [Gpa, new("size", ArgumentType.Size), Kind],
            Guest = call => new MapGpaRange(new(call.Gfn(0), new((call.Number(0) + call.Number(1)) >> Pages.Shift)), call.IsPrivate(2)),
            Refuses = call => Pages.IsAligned(call.Number(0)) && Pages.IsAligned(call.Number(1)) && call.Number(1) > 0
                ? OutsideOfTheGuest(call, call.Number(1))
                : ($"0x{call.Number(0):x} with 0x{call.Number(1):x} bytes", "whole pages"),
        },
    ];

    private static (string Found, string Expected)? OutsideOfTheGuest(Call call, ulong size)
    {
        var frames = call.Vcpu.Vm.Frames;
        var (first, end) = (frames.Start.Value << Pages.Shift, frames.End.Value << Pages.Shift);
        var (gpa, last) = (call.Number(0) & ~(Pages.Size - 1ul), end - size);
        return size <= end && gpa >= first && gpa <= last
            ? null
            : ($"0x{call.Number(0):x}", $"an address of {call.Vcpu.Vm}: from 0x{first:x} up to 0x{end:x}");
    }
}
