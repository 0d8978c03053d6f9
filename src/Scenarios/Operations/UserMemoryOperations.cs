using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios.Operations;

/// <summary>System calls on the memory of the user process.</summary>
internal static class UserMemoryOperations
{
    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("madvise_dontneed", "madvise_dontneed_single_vma", "madvise(MADV_DONTNEED): pages of the user process go.")
        {
            Parameters = [new("hva", ArgumentType.Hva), new("size", ArgumentType.Size)],
            Errnos = [Errno.EINVAL],
            Refuses = call => IsInside(call) ? null : ($"0x{call.Number(0):x} with 0x{call.Number(1):x} bytes", "whole pages of 'user_memory'"),
            Run = async (current, call) =>
            {
                await Madvise.MadviseDontneedSingleVma(
                    current, call.Stage.Mm!, PageRange.Of(call.Number(0) >> Pages.Shift, call.Number(1) >> Pages.Shift));
                return Errno.None;
            },
        },
    ];

    private static bool IsInside(Call call)
    {
        var (first, size, all) = (call.Number(0), call.Number(1), (ulong)(call.Stage.Mm?.PageCount ?? 0) << Pages.Shift);
        return Pages.IsAligned(first) && Pages.IsAligned(size) && size > 0 && size <= all && first <= all - size;
    }
}
