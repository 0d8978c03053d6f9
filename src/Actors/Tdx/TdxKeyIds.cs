using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What trust domains of all VMs share: the key identifiers to be had, and the lock of what names no trust domain.</summary>
/// <remarks>Source: arch/x86/virt/vmx/tdx/tdx.c, tdx_guest_keyid_pool; arch/x86/kvm/vmx/tdx.c, tdx_lock.</remarks>
public sealed class TdxKeyIds : Actor
{
    private readonly Mutex _tdxLock;
    private readonly List<Hkid> _taken = [];
    private readonly Hkid _first;
    private readonly int _count;

    /// <summary>So many key identifiers from <paramref name="first"/> on, none of them taken.</summary>
    public TdxKeyIds(string name, Hkid first, int count) : base(name)
    {
        (_first, _count) = (first, count);
        _tdxLock = new(this, "tdx_lock");
    }

    /// <summary>How many are taken, for properties.</summary>
    public int TakenCount => _taken.Count;

    /// <summary>Gives one away before the world runs.</summary>
    public Hkid Take()
    {
        var hkid = Alloc();
        Check.That(hkid is not null);
        return hkid.Value;
    }

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message is MutexLockTdx or MutexUnlockTdx ? _tdxLock : throw Unexpected(message);

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case IdaAlloc alloc:
                return alloc.Reply(Alloc());
            case IdaFree free:
                var wasTaken = _taken.Remove(free.Hkid);
                sender.WarnOn(!wasTaken, $"ida_free called for id={free.Hkid} which is not allocated");
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private Hkid? Alloc()
    {
        for (var i = 0; i < _count; i++)
        {
            var hkid = new Hkid((ushort)(_first.Value + i));
            if (_taken.Contains(hkid)) continue;
            _taken.Add(hkid);
            return hkid;
        }

        return null;
    }
}

/// <summary>Takes a key identifier; none if all are taken.</summary>
public sealed record IdaAlloc : Message<Hkid?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly IdaAlloc Now = new();
}

/// <summary>Gives a key identifier back.</summary>
public sealed record IdaFree(Hkid Hkid) : Message<Done>;

/// <summary>Takes <c>tdx_lock</c>.</summary>
public sealed record MutexLockTdx() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MutexLockTdx Now = new();
}

/// <summary>Gives <c>tdx_lock</c> back.</summary>
public sealed record MutexUnlockTdx : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MutexUnlockTdx Now = new();
}
