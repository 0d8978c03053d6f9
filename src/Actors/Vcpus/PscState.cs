namespace GmemActors.Actors;

/// <summary>What KVM does first when user space runs a vCPU again.</summary>
internal enum CompleteUserspaceIo
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>snp_complete_psc_msr()</c>.</summary>
    PscMsr,

    /// <summary><c>snp_complete_one_psc()</c>.</summary>
    Psc,

    /// <summary><c>tdx_complete_vmcall_map_gpa()</c>.</summary>
    MapGpa,
}

/// <summary>How far KVM is with a page state change of a vCPU. Source: arch/x86/kvm/svm/svm.h, struct vcpu_sev_es_state.</summary>
internal sealed class PscState
{
    /// <summary>The first entry of the batch that user space has.</summary>
    internal int Index { get; set; }

    /// <summary>How many entries the batch has; 0: there is none.</summary>
    internal int Inflight { get; set; }

    /// <summary>Whether the batch is of 2M pages.</summary>
    internal bool IsLarge { get; set; }

    /// <summary>The header as it was when the guest asked, where it is read once.</summary>
    internal PscHeader? Header { get; set; }
}

/// <summary>What the guest learns of a page state change. Source: arch/x86/include/asm/sev-common.h.</summary>
public static class PscError
{
    /// <summary><c>VMGEXIT_PSC_ERROR_GENERIC</c>.</summary>
    public const ulong Generic = 0x100ul << 32;

    /// <summary><c>VMGEXIT_PSC_ERROR_INVALID_HDR</c>.</summary>
    public const ulong InvalidHdr = (1ul << 32) | 1;

    /// <summary><c>VMGEXIT_PSC_ERROR_INVALID_ENTRY</c>.</summary>
    public const ulong InvalidEntry = (1ul << 32) | 2;

    /// <summary>The error bit of the MSR protocol's response.</summary>
    public const ulong Msr = 1ul << 63;
}
