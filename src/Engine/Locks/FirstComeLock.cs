namespace GmemActors.Engine;

/// <summary>A lock of one writer or many readers that is granted strictly in the order in which the requests arrived.</summary>
/// <remarks>A request that cannot be granted arrives in a step of its own: between sending and arriving, others may come first.</remarks>
public sealed class FirstComeLock : Lock
{
    private readonly WaitQueue _arriving;
    private readonly WaitQueue _waiters;

    /// <summary>A free lock of <paramref name="owner"/>.</summary>
    public FirstComeLock(Actor owner, string name) : base(owner, name)
    {
        _arriving = new(this, firstCome: false, open: true);
        _waiters = new(this, firstCome: true, open: true);
    }

    internal override bool CanTake(LockMode mode) => _waiters.Count == 0 && IsCompatible(mode);

    internal override WaitQueue QueueFor(Message message) => _arriving;

    internal override bool Grants(Pending request) => request.Queue == _waiters || CanTake(ModeOf(request));

    // Who comes last shuts out nobody.
    internal override bool QueueUp(Pending request)
    {
        _waiters.Add(request, Owner.Enabled!);
        Update();
        return false;
    }

    // Whatever it wants, who is ahead comes first; the first of them stands for all, since they wait for the same holders.
    internal override void AddBlockers(Pending waiter, List<Blocker> blockers)
    {
        if (_waiters[0] != waiter) blockers.Add(new(_waiters[0].Sender, "waits for it first"));
        base.AddBlockers(waiter, blockers);
    }

    private static LockMode ModeOf(Pending request) => ((Acquire)request.Message).Mode;

    private bool IsCompatible(LockMode mode) => mode == LockMode.Exclusive ? IsFree : Writer is null;

    private protected override void Update() =>
        _waiters.SetOpen(_waiters.Count == 0 || IsCompatible(ModeOf(_waiters[0])), Owner.Enabled!);
}
