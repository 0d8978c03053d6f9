namespace GmemActors.Engine;

/// <summary>A lock held by one writer or many readers; a waiting writer keeps new readers out while readers hold it.</summary>
/// <remarks>
/// Both of the kernel's: <c>rwsem</c> (rwsem_down_read_slowpath(): a reader may steal a free lock, but queues behind a waiting
/// writer once the lock is reader-owned) and the queued <c>rwlock_t</c> of task context.
/// </remarks>
public sealed class RwLock : Lock
{
    private readonly WaitQueue _readers;
    private readonly WaitQueue _writers;

    /// <summary>A free lock of <paramref name="owner"/>.</summary>
    public RwLock(Actor owner, string name) : base(owner, name)
    {
        _readers = new(this, firstCome: false, open: true);
        _writers = new(this, firstCome: false, open: true);
    }

    internal override bool CanTake(LockMode mode) =>
        mode == LockMode.Exclusive ? IsFree : Writer is null && (ReaderCount == 0 || _writers.Count == 0);

    internal override WaitQueue QueueFor(Message message) =>
        message is Acquire { Mode: LockMode.Exclusive } ? _writers : _readers;

    internal override void AddBlockers(Pending waiter, List<Blocker> blockers)
    {
        if (waiter.Queue == _readers && Writer is null)
        {
            for (var i = 0; i < _writers.Count; i++) blockers.Add(new(_writers[i].Sender, "waits for it first"));
        }

        base.AddBlockers(waiter, blockers);
    }

    private protected override void Update()
    {
        _writers.SetOpen(CanTake(LockMode.Exclusive), Owner.Enabled!);
        _readers.SetOpen(CanTake(LockMode.Shared), Owner.Enabled!);
    }
}
