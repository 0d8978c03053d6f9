namespace GmemActors.Engine;

/// <summary>A gate that its actor opens and shuts: what <c>wait_event()</c> waits for.</summary>
public sealed class Condition : Gate
{
    private readonly WaitQueue _waiters;
    private readonly List<Blocker> _blockers = [];

    /// <summary>A gate of <paramref name="owner"/>, open or shut at first.</summary>
    public Condition(Actor owner, string name, bool open = false) : base(owner, name)
    {
        IsOpen = open;
        _waiters = new(this, firstCome: false, open);
    }

    /// <summary>
    /// Whether who keeps it shut is like the holder of a lock: what they take meanwhile must not be held by those who wait.
    /// </summary>
    public bool IsOrdered { get; init; }

    /// <summary>Who opened it last; null if it was open from the start.</summary>
    internal KernelTask? OpenedBy { get; set; }

    /// <summary>Whether those who wait can go on.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Lets everybody on.</summary>
    public void Open()
    {
        OpenedBy = Owner.Enabled!.Delivering?.Sender;
        Set(true);
    }

    /// <summary>Makes everybody wait who comes now.</summary>
    public void Shut() => Set(false);

    /// <summary>Notes that the gate stays shut until <paramref name="task"/> acts, for the report of a deadlock.</summary>
    public void BlockedBy(KernelTask task) => BlockedBy(task, task.LastStep);

    /// <summary>The same, of a task that has been in the way since an earlier step.</summary>
    internal void BlockedBy(KernelTask task, long since)
    {
        _blockers.Add(new(task, "must act", since));
        task.Keeps(this);
    }

    /// <summary>Takes back one <see cref="BlockedBy(KernelTask)"/>.</summary>
    public void NoLongerBlockedBy(KernelTask task)
    {
        var at = _blockers.FindIndex(blocker => blocker.Task == task);
        if (at < 0) return;
        _blockers.RemoveAt(at);
        task.NoLongerKeeps(this);
    }

    internal override WaitQueue QueueFor(Message message) => _waiters;

    internal override void AddBlockers(Pending waiter, List<Blocker> blockers) => blockers.AddRange(_blockers);

    private void Set(bool open)
    {
        IsOpen = open;
        _waiters.SetOpen(open, Owner.Enabled!);
    }
}
