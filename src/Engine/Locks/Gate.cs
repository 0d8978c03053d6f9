namespace GmemActors.Engine;

/// <summary>Something of an actor that messages may have to wait for.</summary>
public abstract class Gate(Actor owner, string name)
{
    /// <summary>The name in reports: the kernel's.</summary>
    public string Name { get; } = name;

    /// <summary>The actor it belongs to: the only one that opens and shuts it.</summary>
    public Actor Owner { get; } = owner;

    /// <summary>What its blockers hold while they keep it shut: itself, if it is a lock.</summary>
    internal virtual Gate HeldBy => this;

    /// <summary>The queue a message waits in.</summary>
    internal abstract WaitQueue QueueFor(Message message);

    /// <summary>Those who must act before it opens to <paramref name="waiter"/>: any one of them that is stuck keeps it shut.</summary>
    internal abstract void AddBlockers(Pending waiter, List<Blocker> blockers);

    /// <summary>Told of a message that arrived in one of its queues; returns whether that shut out others who wait.</summary>
    internal virtual bool Arrived() => false;
}

/// <summary>Who keeps a gate shut, and how.</summary>
internal readonly record struct Blocker(KernelTask Task, string How);
