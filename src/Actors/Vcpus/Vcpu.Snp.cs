using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// struct vcpu_sev_es_state, arch/x86/kvm/svm/svm.h.
public sealed partial class Vcpu
{
    /// <summary>Where a VMSA that KVM made is in the guest's memory: beyond everything the guest uses, INITIAL_VMSA_GPA.</summary>
    /// <remarks>Simplified: the highest frame number that the RMP's entries have here.</remarks>
    public static readonly Gfn InitialVmsaGfn = new(uint.MaxValue);

    private Gfn? _snpPendingVmsa;
    private Gfn? _snpGuestVmsa;
    private VmsaPa _vmsaPa;
    private SnpVcpu? _snpVcpu;
    private int _regs;
    private int? _measuredRegs;

    /// <summary>The lock of the VMSAs that the guest makes.</summary>
    public Mutex SnpVmsaMutex { get; }

    /// <summary>The page of the VMSA that KVM made; none of a guest without SEV. Immutable.</summary>
    public Pfn? Vmsa { get; init; }

    /// <summary>Its GHCB; none of a guest without SEV. Immutable.</summary>
    public Ghcb? Ghcb { get; init; }

    /// <summary>What the accesses of its guest go through, where it is an SNP guest.</summary>
    internal SnpVcpu SnpVcpu => _snpVcpu ??= new(
        Cpu, Vm, gfn => new TdpWalk(this, gfn), Vm.Machine.Rmp!, Vm.Machine.Memory, new SnpContext(Vm.Asid, Vmpl.L0));

    /// <summary>The page that VMRUN takes the guest's state from, for properties.</summary>
    internal VmsaPa CurrentVmsa => _vmsaPa;

    /// <summary>Whether it is at a VMSA that its guest has made, for properties.</summary>
    public bool HasGuestVmsa => _vmsaPa.Pfn is { } pfn && pfn != Vmsa;

    /// <summary>Whether registers were set that are not those it begins with, though that was no error, for properties.</summary>
    internal bool LostRegs => _measuredRegs is { } measured && measured != _regs;

    /// <summary>Lets it begin at the VMSA that KVM made, before the world runs.</summary>
    public void BeginAtVmsa() => _vmsaPa = new(Vmsa, InitialVmsaGfn);

    private Reply HandleSnp(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadVmsaPa read:
                return read.Reply(_vmsaPa);
            case WriteVmsaPa write:
                _vmsaPa = write.Pa;
                return Reply.Done;
            case ReadRegs read:
                return read.Reply(_regs);
            case WriteRegs write:
                _regs = write.Regs;
                return Reply.Done;
            case ReadGuestStateProtected read:
                return read.Reply(_measuredRegs is not null);
            case ProtectGuestState protect:
                _measuredRegs = protect.Regs;
                BeginAtVmsa();
                return Reply.Done;
            case ReadPendingVmsa read:
                Lockdep.AssertHeld(sender, SnpVmsaMutex);
                return read.Reply(_snpPendingVmsa);
            case WritePendingVmsa write:
                Lockdep.AssertHeld(sender, SnpVmsaMutex);
                _snpPendingVmsa = write.Gfn;
                return Reply.Done;
            case ReadGuestVmsa read:
                // Also without a lock: invalidation cannot sleep, and an address that is too old costs a reload.
                return read.Reply(_snpGuestVmsa);
            case WriteGuestVmsa write:
                Lockdep.AssertHeld(sender, SnpVmsaMutex);
                _snpGuestVmsa = write.Gfn;
                return Reply.Done;
            default:
                return HandleTdx(message);
        }
    }
}

/// <summary>Where VMRUN takes a guest's state from: <c>vmcb->control.vmsa_pa</c>.</summary>
/// <param name="Pfn">The page; none: <c>INVALID_PAGE</c>.</param>
/// <param name="Gfn">Where the guest has it.</param>
public readonly record struct VmsaPa(Pfn? Pfn, Gfn Gfn);

/// <summary>Reads where VMRUN takes the guest's state from.</summary>
public sealed record ReadVmsaPa : Query<VmsaPa>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadVmsaPa Now = new();
}

/// <summary>Writes where VMRUN takes the guest's state from.</summary>
public sealed record WriteVmsaPa(VmsaPa Pa) : Message<Done>;

/// <summary>Reads <c>snp_pending_vmsa_gpa</c>: the VMSA that the guest wants the vCPU to begin at; none: to stop.</summary>
public sealed record ReadPendingVmsa : Query<Gfn?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadPendingVmsa Now = new();
}

/// <summary>Writes <c>snp_pending_vmsa_gpa</c>.</summary>
public sealed record WritePendingVmsa(Gfn? Gfn) : Message<Done>;

/// <summary>Reads <c>snp_guest_vmsa_gpa</c>: the VMSA that the guest made and the vCPU has.</summary>
public sealed record ReadGuestVmsa : Query<Gfn?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadGuestVmsa Now = new();
}

/// <summary>Writes <c>snp_guest_vmsa_gpa</c>.</summary>
public sealed record WriteGuestVmsa(Gfn? Gfn) : Message<Done>;

/// <summary>Reads the vCPU's registers, as user space has set them: one value for all of them.</summary>
public sealed record ReadRegs : Query<int>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadRegs Now = new();
}

/// <summary>Sets the vCPU's registers.</summary>
public sealed record WriteRegs(int Regs) : Message<Done>;

/// <summary>Whether the vCPU's state is encrypted: <c>guest_state_protected</c>.</summary>
public sealed record ReadGuestStateProtected : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadGuestStateProtected Now = new();
}

/// <summary>The vCPU's state is encrypted from now on, with these registers.</summary>
public sealed record ProtectGuestState(int Regs) : Message<Done>;

/// <summary>Takes <c>snp_vmsa_mutex</c>.</summary>
public sealed record SnpVmsaLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SnpVmsaLock Now = new();
}

/// <summary>Gives <c>snp_vmsa_mutex</c> back.</summary>
public sealed record SnpVmsaUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SnpVmsaUnlock Now = new();
}
