using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>How far a trust domain is built: <c>enum kvm_tdx_state</c>.</summary>
public enum TdState : byte
{
    /// <summary><c>TD_STATE_UNINITIALIZED</c>.</summary>
    Uninitialized,

    /// <summary><c>TD_STATE_INITIALIZED</c>: vCPUs and pages can be added.</summary>
    Initialized,

    /// <summary><c>TD_STATE_RUNNABLE</c>: finalized.</summary>
    Runnable,
}

/// <summary>The fields of <c>struct kvm_tdx</c> that are not pages.</summary>
/// <param name="State">How far it is built.</param>
/// <param name="IsHkidAssigned">Whether it has an HKID: <c>is_hkid_assigned()</c>.</param>
public readonly record struct KvmTdxState(TdState State, bool IsHkidAssigned)
{
    /// <inheritdoc/>
    public override string ToString() => $"{State}{(IsHkidAssigned ? "" : ", no HKID")}";
}

/// <summary>What KVM knows of a trust domain, <c>struct kvm_tdx</c>.</summary>
/// <remarks>
/// Source: arch/x86/kvm/vmx/tdx.h. Simplified: one TDCS page; attributes, XFAM and CPUID of the trust domain are left out.
/// </remarks>
internal sealed class KvmTdx
{
    internal TdState State { get; set; }

    internal Hkid? Hkid { get; set; }

    /// <summary>The root; none before it is created and after it is reclaimed.</summary>
    internal Pfn? Tdr { get; set; }

    internal Pfn? Tdcs { get; set; }

    /// <summary><c>wait_for_sept_zap</c>: no vCPU may enter.</summary>
    internal bool WaitForSeptZap { get; set; }

    /// <summary><c>page_add_src</c>: what PAGE.ADD is to copy.</summary>
    internal Pfn? PageAddSrc { get; set; }

    /// <summary>The pages that KVM gave up, since they could not be taken back.</summary>
    internal List<Pfn> Leaked { get; } = [];

    /// <summary>The trust domain as calls name it; none if it has no root.</summary>
    internal TrustDomain? Td { get; set; }
}
