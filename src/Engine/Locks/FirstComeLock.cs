namespace GmemActors.Engine;

/// <summary>A lock of one writer or many readers that is granted strictly in the order of the requests.</summary>
public sealed class FirstComeLock : Lock
{
    private readonly WaitQueue _waiters;

    /// <summary>A free lock of <paramref name="owner"/>.</summary>
    public FirstComeLock(Actor owner, string name) : base(owner, name) => _waiters = new(this, firstCome: true, open: true);

    internal override bool CanTake(LockMode mode) => _waiters.Count == 0 && IsCompatible(mode);

    internal override WaitQueue QueueFor(Message message) => _waiters;

    // Who comes last shuts out nobody but itself.
    internal override bool Arrived()
    {
        Update();
        return false;
    }

    // Whatever it wants, who is ahead comes first.
    internal override void AddBlockers(Pending waiter, List<Blocker> blockers)
    {
        if (_waiters.Before(waiter) is { } ahead) blockers.Add(new(ahead.Sender, "waits for it first"));
        else base.AddBlockers(waiter, blockers);
    }

    private protected override void Update() =>
        _waiters.SetOpen(_waiters.Count == 0 || IsCompatible(((Acquire)_waiters[0].Message).Mode), Owner.Enabled!);

    private bool IsCompatible(LockMode mode) => mode == LockMode.Exclusive ? IsFree : Writer is null;
}
