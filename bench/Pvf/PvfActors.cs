using GmemActors.Engine;

namespace GmemActors.Bench.Pvf;

internal sealed record PvfLock(LockMode Mode) : Acquire(Mode)
{
    internal static readonly PvfLock Shared = new(LockMode.Shared);
    internal static readonly PvfLock Exclusive = new(LockMode.Exclusive);
}

internal sealed record PvfUnlock : Release
{
    internal static readonly PvfUnlock Now = new();
}

internal sealed record GetFolio(int Page) : Message<int>;

internal sealed record TruncateAll : Message<Done>
{
    internal static readonly TruncateAll Now = new();
}

internal sealed record ReadSeq : Query<int>
{
    internal static readonly ReadSeq Now = new();
}

internal sealed record InvalidateBegin : Message<Done>
{
    internal static readonly InvalidateBegin Now = new();
}

internal sealed record InvalidateEnd : Message<Done>
{
    internal static readonly InvalidateEnd Now = new();
}

internal sealed record UnmapAll : Message<Done>
{
    internal static readonly UnmapAll Now = new();
}

internal sealed record MapIfFresh(int Seq, int Page) : Message<bool>;

internal sealed record Assign(int Page) : Message<Done>;

internal sealed record ReleaseAll : Message<Done>
{
    internal static readonly ReleaseAll Now = new();
}

internal sealed class Inode : Actor
{
    private readonly FirstComeLock _lock;
    private readonly PageSet _present;

    internal Inode(int pages) : base("inode")
    {
        _lock = new(this, "invalidate_lock");
        _present = new(pages);
    }

    internal bool HasAll(Vm vm) => vm.Spte.IsWithin(_present);

    protected override Lock LockOf(Message message) => _lock;

    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case GetFolio get:
                _present.Add(get.Page);
                return get.Reply(get.Page);
            case TruncateAll:
                _present.Clear();
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

internal sealed class Vm : Actor
{
    private readonly FirstComeLock _lock;
    private readonly PvfBug _bug;
    private int _seq;

    internal Vm(int pages, PvfBug bug) : base("vm")
    {
        _lock = new(this, "mmu_lock");
        _bug = bug;
        Spte = new(pages);
    }

    internal PageSet Spte { get; }

    internal int InProgress { get; private set; }

    protected override Lock LockOf(Message message) => _lock;

    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadSeq read:
                return read.Reply(_seq);
            case MapIfFresh map:
                var fresh = _bug == PvfBug.MapsStale || (InProgress == 0 && _seq == map.Seq);
                if (fresh) Spte.Add(map.Page);
                return map.Reply(fresh);
            case InvalidateBegin:
                InProgress++;
                return Reply.Done;
            case UnmapAll:
                Spte.Clear();
                return Reply.Done;
            case InvalidateEnd:
                _seq++;
                InProgress--;
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

internal sealed class Rmp(int pages) : Actor("rmp")
{
    private readonly PageSet _assigned = new(pages);

    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case Assign assign:
                _assigned.Add(assign.Page);
                return Reply.Done;
            case ReleaseAll:
                _assigned.Clear();
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}
