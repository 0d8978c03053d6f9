namespace GmemActors.Engine;

/// <summary>A lock held by one writer or many readers; a queued writer keeps new readers out while readers hold it.</summary>
/// <remarks>
/// Both of the kernel's: <c>rwsem</c> (rwsem_down_read_slowpath(): a reader may steal a free lock, but queues behind a waiting
/// writer once the lock is reader-owned) and the queued <c>rwlock_t</c> of task context. A writer who finds readers joins the
/// line in a step of its own: until then, readers who come go in.
/// </remarks>
public sealed class RwLock : Lock
{
    private readonly WaitQueue _readers;
    private readonly WaitQueue _writers;
    private readonly WaitQueue _queuedWriters;

    /// <summary>A free lock of <paramref name="owner"/>.</summary>
    public RwLock(Actor owner, string name) : base(owner, name)
    {
        _readers = new(this, firstCome: false, open: true);
        _writers = new(this, firstCome: false, open: true);
        _queuedWriters = new(this, firstCome: false, open: true);
    }

    /// <summary>Whether anybody waits for whoever holds it: <c>rwlock_needbreak()</c>.</summary>
    public bool HasWaiters => Writer is null ? _queuedWriters.Count > 0 : _readers.Count + _writers.Count > 0;

    internal override bool CanTake(LockMode mode) =>
        mode == LockMode.Exclusive ? IsFree : Writer is null && (ReaderCount == 0 || _queuedWriters.Count == 0);

    // Who tries does not steal: down_read_trylock() and queued_read_trylock() give up when somebody is in line.
    internal override bool CanTry(LockMode mode) => _queuedWriters.Count == 0 && CanTake(mode);

    internal override WaitQueue QueueFor(Message message) =>
        message is Acquire { Mode: LockMode.Exclusive } ? _writers : _readers;

    internal override bool Grants(Pending request) => request.Queue == _readers || IsFree;

    internal override bool QueueUp(Pending request)
    {
        _queuedWriters.Add(request, Owner.Enabled!);
        Update();
        return _readers.Count > 0;
    }

    internal override void AddBlockers(Pending waiter, List<Blocker> blockers)
    {
        if (waiter.Queue == _readers && Writer is null)
        {
            for (var i = 0; i < _queuedWriters.Count; i++) blockers.Add(new(_queuedWriters[i].Sender, "waits for it first"));
        }

        base.AddBlockers(waiter, blockers);
    }

    // A writer who is not in line yet can join it while readers hold the lock; behind a writer the line makes no difference.
    private protected override void Update()
    {
        _queuedWriters.SetOpen(IsFree, Owner.Enabled!);
        _writers.SetOpen(Writer is null, Owner.Enabled!);
        _readers.SetOpen(CanTake(LockMode.Shared), Owner.Enabled!);
    }
}
