namespace GmemActors.Engine;

/// <summary>A thread of control (a vCPU in the kernel, a system call, a kworker): it sends one request at a time.</summary>
/// <remarks>
/// A continuation between two requests touches no state but its own: whatever it must know of an actor it asks for and gets as
/// a copy. So the same path runs on every host.
/// </remarks>
public sealed class KernelTask : Actor
{
    private readonly Host _host;
    private readonly Pending _request;
    private Condition? _exited;
    private HeldLocks? _held;
    private RetryLoop? _loop;
    private Frame? _root;
    private Frame? _frame;
    private bool _waits;
    private Frame? _ready;
    private object? _replyReference;
    private ulong _replyBits;
    private List<Pending>? _told;

    internal KernelTask(Host host, string name) : base(name)
    {
        _host = host;
        _request = new(this, isTell: false);
    }

    /// <summary>Whether its path has returned.</summary>
    public bool HasExited { get; private set; }

    /// <summary>How many of its messages have been delivered.</summary>
    public long Steps { get; internal set; }

    /// <summary>For the strategy's own use; 0 at first.</summary>
    public ulong Rank { get; set; }

    /// <summary>The retry loop it is in; null before its first retry.</summary>
    internal RetryLoop? Loop => _loop;

    /// <summary>Whether it is in a retry loop that gets nowhere.</summary>
    internal bool GetsNowhere => _loop is { GetsNowhere: true };

    /// <summary>Whether it got nowhere for long enough while nobody else got anywhere.</summary>
    internal bool IsIdle => _loop is { Idle: >= RetryLoop.Enough };

    /// <summary>The locks it holds, in the order of acquisition.</summary>
    internal HeldLocks Held => _held ??= new(this);

    /// <summary>Whether it holds any lock.</summary>
    internal bool HoldsAny => _held is { Count: > 0 };

    /// <summary>How many conditions are known to stay shut until it acts.</summary>
    internal int GatesKept { get; private set; }

    /// <summary>Those of them that are ordered as locks are; null before the first.</summary>
    internal List<Condition>? OrderedGates { get; private set; }

    /// <summary>Whether what it asks for next comes after something in the order of locks.</summary>
    internal bool IsInOrder => HoldsAny || OrderedGates is { Count: > 0 };

    /// <summary>What it knows to have happened; null before its first access of a field, or of a lock in a world that has any.</summary>
    internal VectorClock? Clock { get; set; }

    /// <summary>Whether somebody may wait for it.</summary>
    internal bool MayBlock => HoldsAny || GatesKept > 0;

    /// <summary>The request it waits for; null while it runs or when it has exited.</summary>
    internal Pending? Request => _waits ? _request : null;

    /// <summary>Whether something that it told has not been delivered yet.</summary>
    internal bool HasTold => _told is { Count: > 0 };

    /// <summary>The step of its latest message, 0 before the first.</summary>
    internal long LastStep { get; set; }

    /// <summary>Asks <paramref name="target"/> and waits for the reply: one step. To be awaited at once.</summary>
    public Ask<TReply> Ask<TReply>(Actor target, Message<TReply> message) => new(this, target, message);

    /// <summary>Sends without waiting for the reply: an IPI, a delayed <c>fput()</c>.</summary>
    public void Tell(Actor target, Message message)
    {
        if (message.Kind is not (MessageKind.Update or MessageKind.Query))
        {
            throw new InternalErrorException($"{Name} tells {message.KernelName}: what may wait, or is about a lock, must be asked");
        }

        var told = new Pending(this, isTell: true);
        Send(told, target, message);
        (_told ??= []).Add(told);
    }

    /// <summary>A choice of data or of a fault, made by the strategy: 0 … <paramref name="count"/> − 1.</summary>
    /// <param name="count">At least 1.</param>
    /// <param name="what">What is chosen, for reports.</param>
    public int Choose(int count, string what) => _host.Choose(this, count, what);

    /// <summary>Starts another task: it runs up to its first request at once.</summary>
    public KernelTask Spawn(string name, Func<KernelTask, Path> body) => _host.Spawn(name, body, this);

    /// <summary>Brings a new actor into the world; returns it.</summary>
    public T Add<T>(T actor) where T : Actor => _host.Add(actor);

    /// <summary>Waits until <paramref name="task"/> has exited.</summary>
    public Ask<Done> Join(KernelTask task) => Ask(task, new Join());

    /// <summary>
    /// Says that the path goes back to try again, as often as it takes, carrying nothing over from this try to the next.
    /// </summary>
    /// <param name="why">The kernel's test that failed, for the report of a loop that never ends.</param>
    /// <remarks>
    /// To be called at the end of each try. A try that had the same answers as the one before made no progress; when nobody
    /// else can run who might change the answers, the loop is a livelock. A loop with a bound of its own is no retry.
    /// </remarks>
    public void Retry(string why)
    {
        _host.Retried(this, why);
    }

    /// <summary>A <c>WARN</c> of the kernel: logged, and the path goes on.</summary>
    public void Warn(string text) => _host.Warn(this, text);

    /// <summary>A <c>WARN_ON()</c>: logs <paramref name="text"/> if the condition is true; returns the condition.</summary>
    public bool WarnOn(bool condition, string text)
    {
        if (condition) Warn(text);
        return condition;
    }

    /// <summary>A system call is over: no lock may be held, as lockdep_sys_exit() looks.</summary>
    /// <param name="call">The system call.</param>
    public void ReturnToUser(string call)
    {
        if (HoldsAny) _host.ReturnedHolding(this, call);
    }

    /// <summary>Says that the path may sleep here: <c>might_sleep()</c>.</summary>
    /// <param name="what">The kernel's function that may sleep.</param>
    public void MightSleep(string what) => _host.MightSleep(this, what);

    /// <summary>Says that a call returned what whoever called it did not expect: a finding, and the end of the execution.</summary>
    /// <param name="call">The call with its arguments.</param>
    /// <param name="returned">What it returned.</param>
    /// <param name="expected">What it may return.</param>
    public void ReturnedWrongly(string call, string returned, string expected) =>
        _host.Report(new WrongErrno(_host.Step, Name, call, returned, expected));

    /// <summary>Notes that something happened, for a property that must hold sometimes.</summary>
    public void Mark(string what) => _host.Mark(what);

    internal void Uses(Field field, FieldUse use) => _host.Uses(this, field, use);

    internal void Keeps(Condition gate)
    {
        GatesKept++;
        if (gate.IsOrdered) (OrderedGates ??= []).Add(gate);
    }

    internal void NoLongerKeeps(Condition gate)
    {
        GatesKept--;
        if (gate.IsOrdered) OrderedGates!.Remove(gate);
    }

    internal void Start(Func<KernelTask, Path> body)
    {
        _root = body(this).Frame;
        if (_root is null || _root.IsCompleted) Exit();
    }

    internal void Suspend(Frame frame, Actor target, Message message)
    {
        if (_waits) throw new InternalErrorException($"{Name} sent a second request before the reply to its first");
        _waits = true;
        if (_frame != frame)
        {
            _frame = frame;
            frame.Task = this;
        }

        Send(_request, target, message);
    }

    /// <summary>Takes the reply and runs up to the next request.</summary>
    internal void Resume(Reply reply)
    {
        _replyBits = reply.Bits;
        if (reply.Reference is not null) _replyReference = reply.Reference;
        var frame = _frame!;
        _waits = false;

        // A loop, not a call in a call: a path that returns through many callers needs no stack for them.
        while (true)
        {
            frame.MoveNext();
            if (_ready is null) break;
            frame = _ready;
            _ready = null;
        }

        if (_root!.IsCompleted) Exit();
    }

    internal void Continue(Frame caller) => _ready = caller;

    internal TReply TakeReply<TReply>() => new Reply(_replyReference, _replyBits).As<TReply>();

    internal void EndTry(string why, long progress) => (_loop ??= new(this)).EndTry(why, progress);

    /// <summary>Forgets a message that was told and is now delivered.</summary>
    internal void Delivered(Pending told) => _told!.Remove(told);

    /// <inheritdoc/>
    protected internal override Gate GateOf(KernelTask sender, Message message) => _exited ??= NewExit();

    /// <inheritdoc/>
    protected internal override Reply Handle(KernelTask sender, Message message) => message switch
    {
        Join join => join.Reply(default),
        _ => throw Unexpected(message),
    };

    private void Send(Pending pending, Actor target, Message message)
    {
        pending.Target = target;
        pending.Message = message;
        if (Ahead(target) is { } ahead) ahead.Behind = pending;
        else _host.Send(pending);
    }

    // Two messages of one sender to one actor arrive in the order in which they were sent.
    private Pending? Ahead(Actor target)
    {
        for (var i = (_told?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (_told![i].Target == target) return _told[i];
        }

        return null;
    }

    private Condition NewExit()
    {
        var exited = new Condition(this, "exit", HasExited) { OpenedBy = this };
        exited.BlockedBy(this, since: 0);
        return exited;
    }

    private void Exit()
    {
        _root?.ThrowIfFailed();
        HasExited = true;
        _exited?.Open();
        _host.Exited(this);
    }
}

/// <summary>Waits until a task has exited.</summary>
public sealed record Join : Wait<Done>;
