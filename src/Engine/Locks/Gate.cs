namespace GmemActors.Engine;

/// <summary>Something of an actor that messages may have to wait for.</summary>
public abstract class Gate(Actor owner, string name)
{
    /// <summary>The name in reports: the kernel's.</summary>
    public string Name { get; } = name;

    /// <summary>The actor it belongs to: the only one that opens and shuts it.</summary>
    public Actor Owner { get; } = owner;

    /// <summary>Whether who waits for it spins: nobody may sleep while holding such a lock, and all may wait for another.</summary>
    public bool Spins { get; init; }

    /// <summary>What its blockers hold while they keep it shut: itself, if it is a lock.</summary>
    internal virtual Gate HeldBy => this;

    /// <summary>The queue a message that was sent waits in.</summary>
    internal abstract WaitQueue QueueFor(Message message);

    /// <summary>Those who must act before it opens to <paramref name="waiter"/>: any one of them that is stuck keeps it shut.</summary>
    internal abstract void AddBlockers(Pending waiter, List<Blocker> blockers);
}

/// <summary>Who keeps a gate shut, how, and since which step; 0 if that does not apply.</summary>
internal readonly record struct Blocker(KernelTask Task, string How, long Since = 0);
