using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>The lock of whoever handles failures of memory: <c>mf_mutex</c>.</summary>
/// <remarks>Source: mm/memory-failure.c.</remarks>
public sealed class MemoryFailures : Actor
{
    private readonly Mutex _mutex;

    /// <summary>Nobody handles any.</summary>
    public MemoryFailures(string name) : base(name) => _mutex = new(this, "mf_mutex");

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        MfLock or MfUnlock => _mutex,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message) => throw Unexpected(message);
}

/// <summary>Takes <c>mf_mutex</c>.</summary>
public sealed record MfLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MfLock Now = new();
}

/// <summary>Gives <c>mf_mutex</c> back.</summary>
public sealed record MfUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MfUnlock Now = new();
}
