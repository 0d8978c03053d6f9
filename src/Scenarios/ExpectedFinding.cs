using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>What a scenario shows in a kernel that has a bug.</summary>
/// <param name="Bug">The bug it comes of; none if it is known of a version alone.</param>
/// <param name="Kind">The finding's <see cref="Finding.Kind"/>.</param>
/// <param name="Cause">The finding's <see cref="Finding.Cause"/>.</param>
public sealed record ExpectedFinding(Bug? Bug, string Kind, string Cause)
{
    /// <summary>The version that shows it where it comes of no known bug; else null.</summary>
    public string? Kernel { get; init; }

    /// <summary>Retry loops for ever.</summary>
    public static ExpectedFinding Livelock(Bug bug, string why) => new(bug, "livelock", why);

    /// <summary>Tasks wait for one another.</summary>
    public static ExpectedFinding Deadlock(Bug bug, string waits) => new(bug, "deadlock", waits);

    /// <summary>Locks are taken in orders that could deadlock.</summary>
    public static ExpectedFinding LockOrder(Bug bug, string rules) => new(bug, "lock-order", rules);

    /// <summary>A property that is broken.</summary>
    public static ExpectedFinding Broken(Bug bug, string property) => new(bug, "property", property);

    /// <summary>Whether a kernel has the bug, or is that version.</summary>
    public bool AppliesTo(KernelVersion kernel) => Bug is null ? kernel.Origin == Kernel : kernel.Has(Bug);

    /// <summary>A WARN of the kernel.</summary>
    public static ExpectedFinding Warned(Bug bug, string text) => new(bug, "warn", text);

    /// <summary>Whether this is what was found.</summary>
    public bool Is(Finding finding) => finding.Kind == Kind && finding.Cause == Cause;
}
