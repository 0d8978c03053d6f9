namespace GmemActors.Actors;

/// <summary>What a hypercall of a trust domain returns in R10.</summary>
/// <remarks>Source: arch/x86/include/asm/shared/tdx.h, TDVMCALL_STATUS_….</remarks>
public enum TdvmcallStatus : ulong
{
    /// <summary><c>TDVMCALL_STATUS_SUCCESS</c>.</summary>
    Success = 0,

    /// <summary><c>TDVMCALL_STATUS_RETRY</c>: to be asked again, from the address in R11 on.</summary>
    Retry = 1,

    /// <summary><c>TDVMCALL_STATUS_INVALID_OPERAND</c>.</summary>
    InvalidOperand = 0x8000000000000000,

    /// <summary><c>TDVMCALL_STATUS_ALIGN_ERROR</c>.</summary>
    AlignError = 0x8000000000000002,

    /// <summary><c>TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED</c>.</summary>
    SubfuncUnsupported = 0x8000000000000003,
}
