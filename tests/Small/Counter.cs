using GmemActors.Engine;

namespace GmemActors.Tests.Small;

/// <summary>A number and two locks: enough to go wrong in every way that matters to a report.</summary>
internal sealed class Counter : Actor
{
    private readonly Mutex _pageLock;
    private readonly RwLock _mmuLock;

    internal Counter(string name = "counter") : base(name)
    {
        _pageLock = new(this, "page_lock");
        _mmuLock = new(this, "mmu_lock");
    }

    internal int Count { get; private set; }

    protected internal override Lock LockOf(Message message) => message is LockPage or UnlockPage ? _pageLock : _mmuLock;

    protected internal override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadCount read:
                return read.Reply(Count);
            case WriteCount write:
                Count = write.Count;
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

internal sealed record ReadCount : Query<int>;

internal sealed record WriteCount(int Count) : Message<Done>;

internal sealed record LockPage() : Acquire(LockMode.Exclusive);

internal sealed record UnlockPage : Release;

internal sealed record MmuLock(LockMode Mode) : Acquire(Mode);

internal sealed record MmuUnlock : Release;
