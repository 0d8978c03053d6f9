using GmemActors.Actors;

namespace GmemActors.Scenarios.Operations;

/// <summary>What a guest does.</summary>
internal static class GuestOperations
{
    private static readonly Parameter[] Access = [new("gpa", ArgumentType.Gpa), new("kind", ArgumentType.Kind)];
    private static readonly Errno[] Exits = [Errno.EFAULT, Errno.EIO, Errno.ENOMEM, Errno.EHWPOISON];

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("read", "kvm_arch_vcpu_ioctl_run", "The guest reads at an address, as its private memory or as memory that it shares.")
        {
            Parameters = Access,
            Errnos = Exits,
            Guest = AccessOf,
            Refuses = OutsideOfTheGuest,
        },
        new("write", "kvm_arch_vcpu_ioctl_run", "The guest writes at an address, as its private memory or as memory that it shares.")
        {
            Parameters = Access,
            Errnos = Exits,
            Guest = AccessOf,
            Refuses = OutsideOfTheGuest,
        },
    ];

    // Simplified: a guest's read and write need the same of its page tables.
    private static Access AccessOf(Call call) => new(call.Gfn(0), call.IsPrivate(1));

    private static (string Found, string Expected)? OutsideOfTheGuest(Call call)
    {
        var frames = call.Guest.Frames;
        if (frames.Contains(call.Gfn(0))) return null;
        var (first, end) = (frames.Start.Value << Pages.Shift, frames.End.Value << Pages.Shift);
        return ($"0x{call.Number(0):x}", $"an address of {call.Guest}: from 0x{first:x} up to 0x{end:x}");
    }
}
