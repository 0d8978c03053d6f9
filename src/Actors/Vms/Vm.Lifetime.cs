using GmemActors.Engine;

namespace GmemActors.Actors;

public sealed partial class Vm
{
    private bool _preFaultAllowed;

    /// <summary>What made KVM bug the VM first; none if nothing did.</summary>
    internal string? BuggedBy { get; private set; }

    /// <summary>Whether its ioctls fail with EIO.</summary>
    internal bool IsDead { get; private set; }

    private Reply HandleLifetime(KernelTask sender, Message message)
    {
        switch (message)
        {
            case KvmVmBugged bugged:
                BuggedBy ??= bugged.What;
                IsDead = true;
                return Reply.Done;
            case KvmVmDead:
                IsDead = true;
                return Reply.Done;
            case ReadVmDead read:
                return read.Reply(IsDead);
            case ReadPreFaultAllowed read:
                return read.Reply(_preFaultAllowed || Type is VmType.Default or VmType.SwProtected);
            case WritePreFaultAllowed:
                Lockdep.AssertHeld(sender, KvmMutex);
                _preFaultAllowed = true;
                return Reply.Done;
            default:
                return HandleTdx(sender, message);
        }
    }
}

/// <summary>A bug of KVM's own was found: the VM is bugged and dead.</summary>
public sealed record KvmVmBugged(string What) : Message<Done>;

/// <summary>The VM is dead: its guest did what cannot be gone on from.</summary>
public sealed record KvmVmDead : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmVmDead Now = new();
}

/// <summary>Whether the VM is dead: its ioctls fail with EIO.</summary>
public sealed record ReadVmDead : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadVmDead Now = new();
}

/// <summary>Reads <c>pre_fault_allowed</c>: whether memory may be mapped before the guest uses it.</summary>
public sealed record ReadPreFaultAllowed : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadPreFaultAllowed Now = new();
}

/// <summary>Lets KVM_PRE_FAULT_MEMORY map pages from now on.</summary>
public sealed record WritePreFaultAllowed : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly WritePreFaultAllowed Now = new();
}
