using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// struct kvm_sev_info, arch/x86/kvm/svm/svm.h.
public sealed partial class Vm
{
    private bool _hasSnpContext;

    /// <summary>The ASID of an SEV guest, which KVM_SEV_INIT2 gave it. Immutable.</summary>
    public Asid Asid { get; init; }

    /// <summary>Whether user space wants to convert frames itself: KVM_CAP_EXIT_HYPERCALL with KVM_HC_MAP_GPA_RANGE. Immutable.</summary>
    public bool ExitsOnMapGpaRange { get; init; } = true;

    /// <summary>Whether its launch is finished, for properties.</summary>
    public bool IsLaunched => _preFaultAllowed;

    /// <summary>Whether a frame is private, for properties.</summary>
    public bool IsPrivate(Gfn gfn) => _attributes.IsPrivate(gfn);

    /// <summary>Finishes its launch before the world runs.</summary>
    public void Launch() => (_hasSnpContext, _preFaultAllowed) = (true, true);

    private Reply HandleSnp(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadSnpContext read:
                return read.Reply(_hasSnpContext);
            case WriteSnpContext write:
                _hasSnpContext = write.Exists;
                return Reply.Done;
            case WritePreFaultAllowed:
                Lockdep.AssertHeld(sender, KvmMutex);
                _preFaultAllowed = true;
                return Reply.Done;
            default:
                return HandleTdx(sender, message);
        }
    }
}

/// <summary>Whether the firmware knows the guest: <c>sev->snp_context</c>.</summary>
public sealed record ReadSnpContext : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadSnpContext Now = new();
}

/// <summary>Writes <c>sev->snp_context</c>.</summary>
public sealed record WriteSnpContext(bool Exists) : Message<Done>;

/// <summary>Lets KVM_PRE_FAULT_MEMORY map pages from now on.</summary>
public sealed record WritePreFaultAllowed : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly WritePreFaultAllowed Now = new();
}
