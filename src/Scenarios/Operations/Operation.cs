using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Operations;

/// <summary>Something that a task of a scenario file can do: one entry in one of the tables, and nothing else to write.</summary>
/// <param name="Name">Its name, the system call's or the ioctl's.</param>
/// <param name="Function">The kernel function behind it, as <c>docs/kernel-map.md</c> has it.</param>
/// <param name="Summary">What it does, in one sentence.</param>
public sealed record Operation(string Name, string Function, string Summary)
{
    /// <summary>The words behind its name.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>What it may return besides success, in the order of the kernel's checks.</summary>
    public IReadOnlyList<Errno> Errnos { get; init; } = [];

    /// <summary>Does it, as a host thread; null if a guest does it.</summary>
    internal Func<KernelTask, Call, Path<Errno>>? Run { get; init; }

    /// <summary>What a guest does; null if a host thread does it. Those that follow each other are one program of the guest.</summary>
    internal Func<Call, GuestOp>? Guest { get; init; }

    /// <summary>Whether it is an ioctl of the task's own vCPU.</summary>
    public bool IsOfVcpu { get; init; }

    /// <summary>What is wrong with values that the model cannot take, as <c>found X; expected Y</c>; null if nothing is.</summary>
    internal Func<Call, (string Found, string Expected)?>? Refuses { get; init; }

    /// <summary>Whether a vCPU does it in its guest.</summary>
    public bool IsGuest => Guest is not null;

    /// <summary>Who does it, in words.</summary>
    public string DoneBy => IsGuest ? "the guest of a vCPU" : IsOfVcpu ? "the thread of a vCPU" : "the host";

    /// <summary>The name and its parameters: <c>punch_hole file offset length</c>.</summary>
    public string Usage => string.Join(' ', [Name, .. Parameters.Select(parameter => parameter.ToString())]);
}
