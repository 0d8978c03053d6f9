using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>The machine's RCU: who reads, and who waits for them.</summary>
/// <remarks>Source: kernel/rcu. Simplified: nobody but those who wait need a grace period, so there is no <c>call_rcu()</c>.</remarks>
public sealed class Rcu : Actor
{
    private readonly Srcu _readers;

    /// <summary>Without readers.</summary>
    public Rcu(string name) : base(name) => _readers = new(this, "rcu") { Spins = true };

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        RcuReadLock or RcuReadUnlock => _readers,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Gate GateOf(KernelTask sender, Message message) => message switch
    {
        SynchronizeRcu => _readers.Synchronize(sender),
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message) => message switch
    {
        SynchronizeRcu => Reply.Done,
        _ => throw Unexpected(message),
    };
}

/// <summary>Begins to read what RCU protects.</summary>
public sealed record RcuReadLock() : Acquire(LockMode.Shared)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly RcuReadLock Now = new();
}

/// <summary>Ends reading what RCU protects.</summary>
public sealed record RcuReadUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly RcuReadUnlock Now = new();
}

/// <summary>Waits for everybody who reads under RCU now.</summary>
public sealed record SynchronizeRcu : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SynchronizeRcu Now = new();
}
