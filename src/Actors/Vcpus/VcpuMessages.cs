using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>What a vCPU is asked to do before it enters the guest: <c>KVM_REQ_…</c>.</summary>
/// <remarks>Source: include/linux/kvm_host.h, arch/x86/include/asm/kvm_host.h.</remarks>
[Flags]
public enum VcpuRequests : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>KVM_REQ_TLB_FLUSH</c>.</summary>
    TlbFlush = 1 << 0,

    /// <summary><c>KVM_REQ_VM_DEAD</c>: to leave to user space for good.</summary>
    VmDead = 1 << 1,

    /// <summary><c>KVM_REQ_OUTSIDE_GUEST_MODE</c>: to be out of the guest for a moment.</summary>
    OutsideGuestMode = 1 << 2,

    /// <summary><c>KVM_REQ_MMU_FREE_OBSOLETE_ROOTS</c>: to give up a root that was made invalid.</summary>
    MmuFreeObsoleteRoots = 1 << 3,
}

/// <summary>Takes <c>vcpu->mutex</c>.</summary>
public sealed record VcpuLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly VcpuLock Now = new();
}

/// <summary>Gives <c>vcpu->mutex</c> back.</summary>
public sealed record VcpuUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly VcpuUnlock Now = new();
}

/// <summary>Asks a vCPU to do something before it enters the guest: <c>kvm_make_request()</c>.</summary>
public sealed record KvmMakeRequest(VcpuRequests Requests) : Message<Done>;

/// <summary>Takes everything that a vCPU has been asked to do: <c>kvm_check_request()</c>.</summary>
public sealed record KvmCheckRequests : Message<VcpuRequests>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmCheckRequests Now = new();
}

/// <summary>Whether a vCPU has been asked to do anything: <c>kvm_request_pending()</c>.</summary>
public sealed record KvmRequestPending : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmRequestPending Now = new();
}

/// <summary>The vCPUs of a VM: <c>kvm_for_each_vcpu()</c>.</summary>
public sealed record KvmForEachVcpu : Query<Vcpu[]>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KvmForEachVcpu Now = new();
}
