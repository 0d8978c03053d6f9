using GmemActors.Engine;

namespace GmemActors.Tests.Watchers;

/// <summary>An actor with a field, and everything that can order two accesses of it.</summary>
internal sealed class Shared : Actor
{
    private readonly Field _field;
    private readonly Field _published;
    private readonly Mutex _mutex;
    private readonly RwLock _rwlock;
    private readonly Srcu _srcu;
    private readonly Condition _gate;

    internal Shared() : base("shared")
    {
        _field = new(this, "value");
        _published = new(this, "pointer");
        _mutex = new(this, "mutex");
        _rwlock = new(this, "rwlock");
        _srcu = new(this, "srcu");
        _gate = new(this, "gate");
    }

    protected internal override Lock LockOf(Message message) => message switch
    {
        Enter enter => Named(enter.Which),
        TryEnter enter => Named(enter.Which),
        Leave leave => Named(leave.Which),
        _ => throw Unexpected(message),
    };

    protected internal override Gate GateOf(KernelTask sender, Message message) => message is Synchronize ? _srcu.Synchronize(sender) : _gate;

    protected internal override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case PlainRead:
                _field.Read(sender);
                break;
            case PlainWrite:
                _field.Write(sender);
                break;
            case MarkedRead:
                _field.ReadOnce(sender);
                break;
            case MarkedWrite:
                _field.WriteOnce(sender);
                break;
            case Publish:
                _published.WriteOnce(sender);
                break;
            case Follow:
                _published.ReadOnce(sender);
                break;
            case OpenUp:
                _gate.Open();
                break;
        }

        return Reply.Done;
    }

    private Lock Named(char which) => which switch
    {
        'm' => _mutex,
        'r' => _rwlock,
        _ => _srcu,
    };
}

internal sealed record Enter(char Which, LockMode Mode = LockMode.Exclusive) : Acquire(Mode);

internal sealed record TryEnter(char Which) : TryAcquire(LockMode.Exclusive);

internal sealed record Leave(char Which) : Release;

internal sealed record PlainRead : Query<Done>;

internal sealed record PlainWrite : Message<Done>;

internal sealed record MarkedRead : Query<Done>;

internal sealed record MarkedWrite : Message<Done>;

internal sealed record Publish : Message<Done>;

internal sealed record Follow : Query<Done>;

internal sealed record OpenUp : Message<Done>;

internal sealed record GoThrough : Wait<Done>;

internal sealed record Synchronize : Wait<Done>;
