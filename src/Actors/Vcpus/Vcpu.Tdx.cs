using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// struct vcpu_tdx, arch/x86/kvm/vmx/tdx.h.
public sealed partial class Vcpu
{
    private TdxVcpu? _vp;
    private bool _isTdInitialized;

    /// <summary>The vCPU as the TDX module knows it; none before KVM_TDX_INIT_VCPU, for properties.</summary>
    internal TdxVcpu? Vp => _vp;

    /// <summary>Its page of the TDX module, which it must have.</summary>
    public Pfn Tdvpr => _vp!.Tdvpr;

    /// <summary>Gives it its page of the TDX module before the world runs.</summary>
    public void SetVp(TdxVcpu vp) => (_vp, _isTdInitialized) = (vp, true);

    private Reply HandleTdx(Message message)
    {
        switch (message)
        {
            case ReadVp read:
                return read.Reply(_vp);
            case WriteVp write:
                _vp = write.Vp;
                return Reply.Done;
            case IsTdVcpuInitialized read:
                return read.Reply(_isTdInitialized);
            case WriteTdVcpuInitialized write:
                _isTdInitialized = write.Value;
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

/// <summary>The vCPU as SEAMCALLs name it, <c>struct tdx_vp</c>; none if it was not created.</summary>
public sealed record ReadVp : Query<TdxVcpu?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadVp Now = new();
}

/// <summary>Writes the vCPU as SEAMCALLs name it; none: it was reclaimed.</summary>
public sealed record WriteVp(TdxVcpu? Vp) : Message<Done>;

/// <summary>Whether the vCPU's state is <c>VCPU_TD_STATE_INITIALIZED</c>.</summary>
public sealed record IsTdVcpuInitialized : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly IsTdVcpuInitialized Now = new();
}

/// <summary>Writes whether the vCPU's state is <c>VCPU_TD_STATE_INITIALIZED</c>.</summary>
public sealed record WriteTdVcpuInitialized(bool Value) : Message<Done>;
