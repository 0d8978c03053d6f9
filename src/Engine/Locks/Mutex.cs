namespace GmemActors.Engine;

/// <summary>A lock held by one task; whoever waits may be next, so every order of grants is explored.</summary>
public sealed class Mutex : Lock
{
    private readonly WaitQueue _waiters;

    /// <summary>A free lock of <paramref name="owner"/>.</summary>
    public Mutex(Actor owner, string name) : base(owner, name) => _waiters = new(this, firstCome: false, open: true);

    internal override bool CanTake(LockMode mode) => IsFree;

    internal override WaitQueue QueueFor(Message message) => _waiters;

    private protected override void Update() => _waiters.SetOpen(IsFree, Owner.Enabled!);
}
