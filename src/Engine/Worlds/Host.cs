namespace GmemActors.Engine;

/// <summary>What runs actors and tasks: the controlled <see cref="World"/>, or real threads.</summary>
public abstract class Host
{
    /// <summary>The latest step, counted from 1; 0 before the first.</summary>
    public long Step { get; private protected set; }

    /// <summary>Brings an actor in; returns it.</summary>
    public abstract T Add<T>(T actor) where T : Actor;

    /// <summary>Starts a task: it runs up to its first request at once.</summary>
    public KernelTask Spawn(string name, Func<KernelTask, Path> body) => Spawn(name, body, null);

    internal abstract KernelTask Spawn(string name, Func<KernelTask, Path> body, KernelTask? by);

    internal abstract void Send(Pending pending);

    internal abstract int Choose(KernelTask task, int count, string what);

    internal abstract void Exited(KernelTask task);

    internal abstract void Retried(KernelTask task, string why);

    internal abstract void Warn(KernelTask task, string text);

    internal abstract void ReturnedHolding(KernelTask task, string call);

    internal abstract void Uses(KernelTask task, Field field, FieldUse use);

    internal abstract void MightSleep(KernelTask task, string what);

    internal abstract void Mark(string what);

    internal abstract void Report(Finding finding);
}
