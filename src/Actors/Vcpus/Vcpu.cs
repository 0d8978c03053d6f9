using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A virtual processor, <c>struct kvm_vcpu</c>: its lock, and what others ask it to do before it enters the guest.</summary>
/// <remarks>
/// Source: include/linux/kvm_host.h. Its <c>mode</c> is the processor's: IN_GUEST_MODE is <see cref="Cpu.InGuestMode"/>.
/// </remarks>
public sealed class Vcpu : Actor
{
    private VcpuRequests _requests;

    /// <summary>A vCPU of a VM on a processor of its own.</summary>
    public Vcpu(string name, Vm vm, int index, Cpu cpu) : base(name)
    {
        Vm = vm;
        Index = index;
        Cpu = cpu;

        // Who locks all vCPUs of a VM holds kvm->lock, which keeps an order among them.
        Mutex = new(this, "vcpu->mutex") { NestsInItsClass = true };
    }

    /// <summary>The VM it is of. Immutable.</summary>
    public Vm Vm { get; }

    /// <summary><c>vcpu_idx</c>: its place among the vCPUs of the VM. Immutable.</summary>
    public int Index { get; }

    /// <summary>The processor it runs on. Immutable.</summary>
    public Cpu Cpu { get; }

    /// <summary>The lock of all its ioctls.</summary>
    public Mutex Mutex { get; }

    /// <summary>What it has to do before it enters the guest, for properties.</summary>
    internal VcpuRequests Requests => _requests;

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        VcpuLock or VcpuUnlock => Mutex,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case KvmMakeRequest make:
                _requests |= make.Requests;
                return Reply.Done;
            case KvmCheckRequests check:
                var taken = _requests;

                // A VM that is dead stays so.
                _requests &= VcpuRequests.VmDead;
                return check.Reply(taken);
            case KvmRequestPending pending:
                return pending.Reply(_requests != VcpuRequests.None);
            default:
                throw Unexpected(message);
        }
    }
}
