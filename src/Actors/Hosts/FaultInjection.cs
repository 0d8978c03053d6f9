using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>What may fail though nothing is wrong with it.</summary>
[Flags]
public enum FaultKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>An allocation: <c>ENOMEM</c>.</summary>
    Allocation = 1 << 0,

    /// <summary>A signal is pending where the kernel looks for one: <c>EINTR</c>.</summary>
    Signal = 1 << 1,

    /// <summary>RMPUPDATE, PSMASH or a command of the firmware fails.</summary>
    Rmp = 1 << 2,

    /// <summary>A SEAMCALL fails.</summary>
    Seamcall = 1 << 3,

    /// <summary>The module that a file would be of is going away: <c>ENOENT</c>.</summary>
    Module = 1 << 4,

    /// <summary>Every kind.</summary>
    All = Allocation | Signal | Rmp | Seamcall | Module,
}

/// <summary>Which faults a run injects: <c>should_fail()</c>. Each is a choice of the strategy, so that it replays and shrinks.</summary>
/// <remarks>Source: Documentation/fault-injection/fault-injection.rst.</remarks>
/// <param name="Kinds">What may fail.</param>
/// <param name="Interval">One in so many fails where a strategy draws at random; at least 2.</param>
public sealed record FaultInjection(FaultKind Kinds, int Interval = 8)
{
    /// <summary>Nothing fails that could succeed.</summary>
    public static readonly FaultInjection None = new(FaultKind.None);

    /// <summary>Whether this is to fail, here and now.</summary>
    /// <param name="current">Who does it.</param>
    /// <param name="kind">What kind it is of.</param>
    /// <param name="what">What it is, for reports: the kernel's function.</param>
    public bool ShouldFail(KernelTask current, FaultKind kind, string what) =>
        (Kinds & kind) != 0 && current.Choose(Interval, $"should_fail: {what}") == Interval - 1;
}
