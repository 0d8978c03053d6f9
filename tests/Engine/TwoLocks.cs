using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

/// <summary>An actor with locks of every kind, named by a letter.</summary>
internal sealed class TwoLocks : Actor
{
    private readonly Mutex _a;
    private readonly Mutex _b;
    private readonly RwLock _c;
    private readonly Mutex _spin;
    private readonly Mutex _nested;
    private readonly Condition _never;

    internal TwoLocks(string name) : base(name)
    {
        _a = new(this, "a");
        _b = new(this, "b");
        _c = new(this, "c");
        _spin = new(this, "spin") { Spins = true };
        _nested = new(this, "nested") { NestsInItsClass = true };
        _never = new(this, "never");
    }

    protected internal override Lock LockOf(Message message) => Named(message switch
    {
        TakeLock take => take.Which,
        GiveLock give => give.Which,
        TryTakeLock take => take.Which,
        _ => throw Unexpected(message),
    });

    protected internal override Gate GateOf(KernelTask sender, Message message) => _never;

    protected internal override Reply Handle(KernelTask sender, Message message) => Reply.Done;

    private Lock Named(char which) => which switch
    {
        'a' => _a,
        'b' => _b,
        'c' => _c,
        's' => _spin,
        _ => _nested,
    };
}

internal sealed record TakeLock(char Which, LockMode Mode = LockMode.Exclusive) : Acquire(Mode);

internal sealed record TryTakeLock(char Which) : TryAcquire(LockMode.Exclusive);

internal sealed record GiveLock(char Which) : Release;

