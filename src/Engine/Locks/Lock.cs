namespace GmemActors.Engine;

/// <summary>A lock of an actor: it knows who holds it and who waits.</summary>
public abstract class Lock(Actor owner, string name) : Gate(owner, name)
{
    private Hold[] _readers = [];

    /// <summary>Whether a task may take several of its class, because an order among them is kept elsewhere: <c>nest_lock</c>.</summary>
    public bool NestsInItsClass { get; init; }

    /// <summary>Who holds it alone; null if nobody does.</summary>
    public KernelTask? Writer { get; private set; }

    /// <summary>How many hold it shared.</summary>
    public int ReaderCount { get; private set; }

    /// <summary>Whether nobody holds it.</summary>
    public bool IsFree => Writer is null && ReaderCount == 0;

    /// <summary>Whether <paramref name="task"/> holds it in this mode or a stronger one: <c>lockdep_assert_held()</c>.</summary>
    public bool IsHeldBy(KernelTask task, LockMode mode = LockMode.Shared) =>
        Writer == task || (mode == LockMode.Shared && task.Held.Find(this) is not null);

    /// <summary>The name and its owner's.</summary>
    internal string FullName => $"{Name} {Owner.Name}";

    /// <summary>The number of its class in its world, the locks of one name; −1 before it is known.</summary>
    internal int Class { get; set; } = -1;

    /// <summary>Whether a request in this mode never waits: then it orders nothing.</summary>
    internal virtual bool NeverWaits(LockMode mode) => false;

    /// <summary>Whether a request that is made now in this mode would be granted at once.</summary>
    internal abstract bool CanTake(LockMode mode);

    /// <summary>One of those who hold it shared, 0 … <see cref="ReaderCount"/> − 1.</summary>
    private protected Hold Reader(int index) => _readers[index];

    /// <summary>Whether a try in this mode would succeed now.</summary>
    internal virtual bool CanTry(LockMode mode) => CanTake(mode);

    /// <summary>Whether a request that is delivered now takes the lock; else it only joins those who wait in line.</summary>
    internal virtual bool Grants(Pending request) => true;

    /// <summary>Puts a request in line; returns whether that shuts out others who wait.</summary>
    internal virtual bool QueueUp(Pending request) => throw new InternalErrorException($"{FullName} has no line");

    /// <summary>Publishes who can be granted now.</summary>
    private protected abstract void Update();

    internal void Take(KernelTask task, LockMode mode, long step)
    {
        var hold = task.Held.Push(this, mode, step);
        if (mode == LockMode.Exclusive)
        {
            Check.That(IsFree);
            Writer = task;
        }
        else
        {
            Check.That(Writer is null);
            AddReader(hold);
        }

        Update();
    }

    /// <summary>Gives back what <paramref name="task"/> holds, the latest first; false if it holds nothing.</summary>
    internal bool Give(KernelTask task)
    {
        var hold = task.Held.Pop(this);
        if (hold is null) return false;
        if (hold.Mode == LockMode.Exclusive) Writer = null;
        else RemoveReader(hold);
        Update();
        return true;
    }

    internal override void AddBlockers(Pending waiter, List<Blocker> blockers)
    {
        if (Writer is not null) blockers.Add(new(Writer, "holds it exclusive", Writer.Held.Find(this)!.Step));
        for (var i = 0; i < ReaderCount; i++) blockers.Add(new(_readers[i].Task, "holds it shared", _readers[i].Step));
    }

    private void AddReader(Hold hold)
    {
        if (ReaderCount == _readers.Length) Array.Resize(ref _readers, Math.Max(2, ReaderCount * 2));
        hold.Index = ReaderCount;
        _readers[ReaderCount++] = hold;
    }

    private void RemoveReader(Hold hold)
    {
        var last = _readers[--ReaderCount];
        last.Index = hold.Index;
        _readers[hold.Index] = last;
        _readers[ReaderCount] = null!;
    }
}
