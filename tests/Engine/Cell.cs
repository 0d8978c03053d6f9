using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

/// <summary>An actor with a value, a lock, a gate, and a memory of who touched it.</summary>
internal sealed class Cell : Actor
{
    private readonly Lock _lock;

    internal Cell(string name, Func<Actor, Lock>? kind = null) : base(name)
    {
        _lock = kind?.Invoke(this) ?? new Mutex(this, "mutex");
        Gate = new(this, "gate");
    }

    internal Condition Gate { get; }

    internal int Value { get; private set; }

    internal List<string> Log { get; } = [];

    internal string Order => string.Concat(Log);

    internal bool IsLockedBy(KernelTask task, LockMode mode) => _lock.IsHeldBy(task, mode);

    protected internal override Lock LockOf(Message message) => _lock;

    protected internal override Gate GateOf(KernelTask sender, Message message) => Gate;

    protected internal override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case Read read:
                return read.Reply(Value);
            case Write write:
                Value = write.Value;
                return Reply.Done;
            case Increment increment:
                return increment.Reply(++Value);
            case Touch touch:
                Log.Add(sender.Name + touch.What);
                return Reply.Done;
            case PassGate pass:
                return pass.Reply(Value);
            case OpenGate:
                Gate.Open();
                return Reply.Done;
            case ShutGate:
                Gate.Shut();
                return Reply.Done;
            case Pair pair:
                return pair.Reply((1L << 40, "both"));
            default:
                throw Unexpected(message);
        }
    }
}

internal sealed record Take(LockMode Mode = LockMode.Exclusive) : Acquire(Mode);

internal sealed record TryTake(LockMode Mode = LockMode.Exclusive) : TryAcquire(Mode);

internal sealed record Drop : Release;

internal sealed record Read : Query<int>;

internal sealed record Write(int Value) : Message<Done>;

internal sealed record Increment : Message<int>;

internal sealed record Touch(string What = "") : Message<Done>;

internal sealed record PassGate : Wait<int>;

internal sealed record OpenGate : Message<Done>;

internal sealed record ShutGate : Message<Done>;

internal sealed record Pair : Query<(long Number, string Text)>;

internal sealed record NobodyKnows : Query<int>;
