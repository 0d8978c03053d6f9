using System.Runtime.CompilerServices;

namespace GmemActors.Engine;

/// <summary>One execution: actors, tasks, pending messages, properties, and the strategy that chooses among them.</summary>
/// <remarks>Nothing in it is static or thread-local: two worlds run on two threads without knowing of each other.</remarks>
public sealed class World(
    Strategy strategy, long stepLimit = World.DefaultStepLimit, Recorder? recorder = null, Watchers watch = Watchers.All) : Host
{
    /// <summary>So many steps end an execution that did not end by itself.</summary>
    public const long DefaultStepLimit = 100_000;

    private readonly EnabledSet _enabled = new();
    private readonly WaitQueue _unconditional = new(null, firstCome: false, open: true);
    private readonly List<Actor> _actors = [];
    private readonly List<KernelTask> _tasks = [];
    private readonly List<Property> _properties = [];
    private readonly List<Finding> _warnings = [];
    private LockOrder? _lockOrder;
    private DataRaces? _dataRaces;
    private WaitForGraph? _waitForGraph;
    private Finding? _finding;
    private int _running;
    private long _progress;

    /// <summary>How many of the steps only put a request in line for its lock or gate: the rest are a request and its reply each.</summary>
    public long QueuedSteps { get; private set; }

    /// <summary>The tasks, in the order in which they were started.</summary>
    public IReadOnlyList<KernelTask> Tasks => _tasks;

    /// <summary>The actors other than tasks, in the order in which they were added.</summary>
    public IReadOnlyList<Actor> Actors => _actors;

    /// <summary>The properties, in the order in which they were stated.</summary>
    public IReadOnlyList<Property> Properties => _properties;

    /// <summary>Equal for two executions in which every actor handled the messages of the same senders in the same order.</summary>
    public ulong Order
    {
        get
        {
            var order = 0ul;
            foreach (var actor in _actors) order = Prng.Mix(order ^ actor.OrderHash);
            foreach (var task in _tasks) order = Prng.Mix(order ^ task.OrderHash);
            return order;
        }
    }

    /// <inheritdoc/>
    public override T Add<T>(T actor)
    {
        Check.That(actor.Enabled is null);
        CheckName(actor.Name);
        actor.Enabled = _enabled;
        actor.Id = _actors.Count;
        _actors.Add(actor);
        if (actor.HasFields && Watches(Watchers.DataRaces)) _dataRaces ??= new(recorder is not null);
        return actor;
    }

    internal override KernelTask Spawn(string name, Func<KernelTask, Path> body, KernelTask? by)
    {
        CheckName(name);
        if (recorder is not null && _tasks.Exists(task => task.Name == name)) throw new InternalErrorException($"two tasks named {name}");
        var task = new KernelTask(this, name) { Enabled = _enabled, Id = _tasks.Count, LastStep = Step };
        _tasks.Add(task);
        _running++;
        if (_dataRaces is not null) DataRaces.Started(task, by);
        try
        {
            task.Start(body);
        }
        catch (KernelBugException bug)
        {
            Report(new KernelBug(Step, name, bug.Message));
        }

        return task;
    }

    /// <summary>States what must hold after every step that changes one of <paramref name="over"/>.</summary>
    /// <param name="name">The claim, as a sentence.</param>
    /// <param name="violation">What breaks it, or null while it holds.</param>
    /// <param name="over">The actors it speaks of.</param>
    public void Always(string name, Func<string?> violation, params ReadOnlySpan<Actor> over) =>
        Watch(new(PropertyKind.Always, name, violation, null), over);

    /// <inheritdoc cref="Always(string, Func{string?}, ReadOnlySpan{Actor})"/>
    /// <param name="name">The claim, as a sentence.</param>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="over">The actors it speaks of.</param>
    public void Always(string name, Func<bool> holds, params ReadOnlySpan<Actor> over) =>
        Watch(new(PropertyKind.Always, name, null, holds), over);

    /// <summary>States what must hold after some step of some execution, or the scenario does not show its point.</summary>
    /// <param name="name">The claim, as a sentence; also what <see cref="KernelTask.Mark"/> says.</param>
    /// <param name="holds">Whether it holds; null if only a mark says so.</param>
    /// <param name="over">The actors it speaks of.</param>
    public void Sometimes(string name, Func<bool>? holds, params ReadOnlySpan<Actor> over) =>
        Watch(new(PropertyKind.Sometimes, name, null, holds ?? (() => false)), over);

    /// <summary>States what must hold when every task has exited.</summary>
    /// <param name="name">The claim, as a sentence.</param>
    /// <param name="violation">What breaks it, or null while it holds.</param>
    public void Finally(string name, Func<string?> violation) =>
        _properties.Add(new(PropertyKind.Finally, name, violation, null));

    /// <summary>Runs to the end, or to the first finding.</summary>
    public Finding? Run()
    {
        if (Watches(Watchers.Properties))
        {
            foreach (var property in _properties) CheckNow(property);
        }

        try
        {
            DeliverAll();
        }
        catch (KernelBugException bug)
        {
            Report(new KernelBug(Step, _enabled.Delivering!.Sender.Name, bug.Message));
        }

        if (_finding is null) CheckEnd();
        if (_finding is null || _warnings.Count == 0) return _finding;
        return _finding with { Warnings = [.. _warnings.Where(warning => warning != _finding)] };
    }

    internal override void Send(Pending pending)
    {
        var (target, message) = (pending.Target, pending.Message);
        pending.SentAt = Step;
        if (target.Enabled != _enabled) throw new InternalErrorException($"{target.Name} was not added to this world");
        if (message.Kind != MessageKind.Acquire)
        {
            _unconditional.Add(pending, _enabled);
            return;
        }

        var wanted = target.LockOf(message);
        wanted.QueueFor(message).Add(pending, _enabled);
        if (!pending.Sender.MayBlock) return;
        if (!pending.IsEnabled) LookForRing(pending);
        if (pending.Sender.IsInOrder) CheckContext(pending.Sender, wanted, message);
    }

    internal override int Choose(KernelTask task, int count, string what)
    {
        var chosen = strategy.Choose(task, count, what);
        Check.That(chosen >= 0 && chosen < count);
        recorder?.Chose(task, count, what, chosen);
        task.Loop?.Answer(-1, (ulong)chosen);
        return chosen;
    }

    internal override void Exited(KernelTask task)
    {
        _running--;
        if (task.HoldsAny) Report(new HeldAtExit(Step, task.Name, task.Held.Names()));
    }

    internal override void Retried(KernelTask task, string why)
    {
        task.EndTry(why, _progress);
        strategy.Retried(task);
        if (task.IsIdle && Watches(Watchers.Livelocks) && LivelockSearch.Find(_tasks) is { } loops)
        {
            Report(new Livelock(Step, loops));
        }
    }

    internal override void Warn(KernelTask task, string text)
    {
        if (_warnings.All(warning => warning.Cause != text)) Log(new KernelWarning(Step, task.Name, text));
    }

    internal override void ReturnedHolding(KernelTask task, string call) =>
        Report(new HeldInUserSpace(Step, task.Name, call, task.Held.Names()));

    internal override void Uses(KernelTask task, Field field, FieldUse use)
    {
        if (_dataRaces?.Used(task, field, use, _enabled.Delivering!.Message, Step) is { } race) Log(race);
    }

    internal override void MightSleep(KernelTask task, string what)
    {
        if (!Watches(Watchers.Sleep)) return;
        if (!task.HoldsAny || task.Held.FindSpinning() is not { } hold) return;
        Log(new SleepInAtomic(Step, task.Name, what, $"{hold.Lock.FullName} since step {hold.Step}"));
    }

    internal override void Mark(string what)
    {
        foreach (var property in _properties)
        {
            if (property.Name == what) property.Seen = true;
        }
    }

    private bool Watches(Watchers which) => (watch & which) != 0;

    private void DeliverAll()
    {
        while (_finding is null && _enabled.Count > 0)
        {
            if (Step == stepLimit)
            {
                Report(new StepLimit(Step, [.. _tasks.Where(task => !task.HasExited).Select(task => task.Name)]));
                return;
            }

            DeliverNext();
        }
    }

    private void DeliverNext()
    {
        var pending = strategy.Next(_enabled);
        _enabled.Delivering = pending;
        var (task, target, message) = (pending.Sender, pending.Target, pending.Message);
        pending.Queue!.Remove(pending, _enabled);
        Step++;
        task.Steps++;
        task.LastStep = Step;
        target.OrderHash = (target.OrderHash + (ulong)task.Id + 1) * 0x9E3779B97F4A7C15;
        if (!task.GetsNowhere) _progress = Step;
        if (message.Kind == MessageKind.Acquire && !Take(pending)) return;
        if (message.Kind == MessageKind.Wait && !Pass(pending)) return;
        var reply = Handle(task, target, message);
        recorder?.Delivered(Step, pending, reply);
        if (message.Kind is MessageKind.Update or MessageKind.Wait && target.Properties is { } properties && Watches(Watchers.Properties))
        {
            foreach (var property in properties) CheckNow(property);
        }

        if (pending.IsTell)
        {
            task.Delivered(pending);
        }
        else if (_finding is null)
        {
            task.Loop?.Answer(target.Id, reply.Bits);
            task.Resume(reply);
        }

        if (pending.Behind is { } behind)
        {
            pending.Behind = null;
            Send(behind);
        }
    }

    // Takes the lock, or joins those who wait for it in line.
    private bool Take(Pending pending)
    {
        var wanted = pending.Target.LockOf(pending.Message);
        if (wanted.Grants(pending))
        {
            Take(pending.Sender, wanted, Unsafe.As<Acquire>(pending.Message).Mode);
            return true;
        }

        Queued(pending);
        var shutsOut = wanted.QueueUp(pending);
        if (shutsOut || pending.Sender.MayBlock) LookForRing(pending);
        return false;
    }

    private void Take(KernelTask task, Lock wanted, LockMode mode)
    {
        wanted.Take(task, mode, Step);
        if (_dataRaces is not null) DataRaces.Took(task, wanted, mode);
    }

    // Passes the gate, or joins those who wait for it to open. What it waits for is what it finds when it comes there.
    private bool Pass(Pending pending)
    {
        if (pending.Queue!.Gate is { } passed) return Passed(pending.Sender, passed);
        var gate = pending.Target.GateOf(pending.Sender, pending.Message);
        if (pending.Sender.IsInOrder) CheckContext(pending.Sender, gate, pending.Message);
        var line = gate.QueueFor(pending.Message);
        if (line.IsOpen) return Passed(pending.Sender, gate);
        Queued(pending);
        line.Add(pending, _enabled);
        if (pending.Sender.MayBlock) LookForRing(pending);
        return false;
    }

    private bool Passed(KernelTask task, Gate gate)
    {
        if (_dataRaces is not null) DataRaces.Passed(task, gate);
        return true;
    }

    private void Queued(Pending pending)
    {
        QueuedSteps++;
        recorder?.Queued(Step, pending);
    }

    private void LookForRing(Pending waiter)
    {
        if ((_waitForGraph ??= new()).FindCycle(waiter) is { } ring) Report(new Deadlock(Step, ring, IsCycle: true));
    }

    // What lockdep and might_sleep() look at: the request of a task that holds locks, whether or not it will have to wait.
    private void CheckContext(KernelTask task, Gate gate, Message message)
    {
        var (target, wanted) = (gate.HeldBy, gate.HeldBy as Lock);
        var mode = message.Kind == MessageKind.Acquire ? Unsafe.As<Acquire>(message).Mode : LockMode.Exclusive;
        if (wanted is not null && wanted.NeverWaits(mode)) return;
        if (!target.Spins && task.Held.FindSpinning() is not null) MightSleep(task, message.KernelName);
        if (!Watches(Watchers.LockOrder)) return;
        if (wanted is not null && wanted != gate && task.Held.Find(wanted) is { } reading)
        {
            Log(new SuspiciousRcuUsage(Step, task.Name, message.KernelName, $"{wanted.FullName} since step {reading.Step}"));
        }
        else if (target is Lock or Condition { IsOrdered: true } && (_lockOrder ??= new()).Asked(task, target, message, Step) is { } warning)
        {
            Log(warning);
        }
    }

    private Reply Handle(KernelTask task, Actor target, Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Acquire:
                return Reply.Done;
            case MessageKind.TryAcquire:
                var (wanted, mode) = (target.LockOf(message), Unsafe.As<TryAcquire>(message).Mode);
                var free = wanted.CanTry(mode);
                if (free) Take(task, wanted, mode);
                return Reply.Of(free);
            case MessageKind.Release:
                var held = target.LockOf(message);
                if (_dataRaces is not null) DataRaces.Gives(task, held);
                if (!held.Give(task)) Report(new BadUnlock(Step, task.Name, $"{held.Name} {target.Name}"));
                return Reply.Done;
            default:
                return target.Handle(task, message);
        }
    }

    private static void CheckName(string name)
    {
        if (name.Contains(' ')) throw new InternalErrorException($"'{name}': a schedule needs names without spaces");
    }

    private void Watch(Property property, ReadOnlySpan<Actor> over)
    {
        _properties.Add(property);
        foreach (var actor in over) (actor.Properties ??= []).Add(property);
    }

    private void CheckNow(Property property)
    {
        switch (property.Kind)
        {
            case PropertyKind.Always when !property.Holds:
                Report(new PropertyBroken(Step, property.Name, property.Violation));
                break;
            case PropertyKind.Sometimes when !property.Seen:
                property.Seen = property.Holds;
                break;
        }
    }

    private void CheckEnd()
    {
        if (_running > 0)
        {
            Report(new Deadlock(Step, WaitForGraph.Everybody(_tasks), IsCycle: false));
            return;
        }

        foreach (var property in _properties)
        {
            if (property.Kind == PropertyKind.Finally && Watches(Watchers.Properties) && !property.Holds)
            {
                Report(new PropertyBroken(Step, property.Name, property.Violation));
            }
        }

        if (_warnings.Count > 0) Report(_warnings[0]);
    }

    // The kernel logs it and goes on, and so does the execution: it is the finding if nothing worse follows.
    private void Log(Finding warning)
    {
        if (_warnings.All(known => known.Fingerprint != warning.Fingerprint)) _warnings.Add(warning);
    }

    // The first thing that is wrong is the finding: what comes after it may be its consequence.
    internal override void Report(Finding finding) => _finding ??= finding;
}
