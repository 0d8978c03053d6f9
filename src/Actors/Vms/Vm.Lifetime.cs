using GmemActors.Engine;

namespace GmemActors.Actors;

// Source: virt/kvm/kvm_main.c, include/linux/kvm_host.h.
public sealed partial class Vm
{
    private int _usersCount = 1;

    /// <summary><c>users_count</c>: the VM's own file, its vCPUs' and its gmem files, for properties.</summary>
    internal int UsersCount => _usersCount;

    /// <summary>Whether it is destroyed and its memory given back.</summary>
    public bool IsFreed { get; private set; }

    /// <summary>What was first asked of it after that; null if nothing was.</summary>
    internal string? UsedAfterFree { get; private set; }

    /// <summary>Whether KVM_BUG marked it: every later ioctl fails.</summary>
    internal bool IsDead { get; private set; }

    /// <summary>Takes a reference before the world runs.</summary>
    public void Get() => _usersCount++;

    /// <summary><c>KVM_BUG()</c>: warns, and marks the VM bugged and dead, if <paramref name="condition"/> is true; returns it.</summary>
    internal bool KvmBug(KernelTask sender, bool condition, string text)
    {
        IsDead |= sender.WarnOn(condition, $"KVM_BUG: {text}");
        return condition;
    }

    private Reply HandleLifetime(KernelTask sender, Message message)
    {
        switch (message)
        {
            case KvmGetKvm:
                sender.WarnOn(_usersCount == 0, "refcount_t: addition on 0; use-after-free");
                _usersCount++;
                return Reply.Done;
            case KvmPutKvm put:
                if (sender.WarnOn(_usersCount == 0, "refcount_t: underflow; use-after-free")) return put.Reply(false);
                return put.Reply(--_usersCount == 0);
            case ReadVmDead read:
                return read.Reply(IsDead);
            case KvmVmBugged:
                IsDead = true;
                return Reply.Done;
            case MnCheckAtDestroy:
                // An invalidation that the unregistered notifier will not end is no leak.
                if (_mnActiveInvalidateCount > 0) _mnActiveInvalidateCount = 0;
                else sender.WarnOn(_invalidation.InProgress != 0, "kvm_destroy_vm: mmu_invalidate_in_progress is not 0");
                return Reply.Done;
            case KvmMemslotSet set:
                return set.Reply(_memslots.Both());
            case XaDestroyMemAttrArray:
                _attributes.Clear();
                return Reply.Done;
            case KvmArchFreeVm:
                sender.WarnOn(IsFreed, "a VM is freed twice");
                IsFreed = true;
                return Reply.Done;
            default:
                return HandleMmu(sender, message);
        }
    }

    private void NoteUse(Message message)
    {
        if (IsFreed) UsedAfterFree ??= message.KernelName;
    }
}

/// <summary>Takes a reference on a VM: <c>users_count</c> goes up.</summary>
public sealed record KvmGetKvm : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmGetKvm Now = new();
}

/// <summary>Drops a reference on a VM; replies whether it was the last one, so that the VM must be destroyed.</summary>
public sealed record KvmPutKvm : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmPutKvm Now = new();
}

/// <summary>Whether a VM is dead: <c>vm_dead</c>.</summary>
public sealed record ReadVmDead : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadVmDead Now = new();
}

/// <summary>Marks a VM bugged and dead: what KVM_BUG does before it asks the vCPUs to leave.</summary>
public sealed record KvmVmBugged : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmVmBugged Now = new();
}

/// <summary>What kvm_destroy_vm() says of invalidations once no mmu_notifier can come any more.</summary>
public sealed record MnCheckAtDestroy : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly MnCheckAtDestroy Now = new();
}

/// <summary>The memslots of a VM that nobody else can reach, each of them once.</summary>
public sealed record KvmMemslotSet : Query<Memslot[]>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmMemslotSet Now = new();
}

/// <summary>Frees the entries of a VM's attributes.</summary>
public sealed record XaDestroyMemAttrArray : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly XaDestroyMemAttrArray Now = new();
}

/// <summary>Frees a VM at the end of its destruction.</summary>
public sealed record KvmArchFreeVm : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmArchFreeVm Now = new();
}
