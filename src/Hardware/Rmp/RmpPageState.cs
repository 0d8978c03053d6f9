namespace GmemActors.Hardware;

/// <summary>Whose a page is, and where in its life: the firmware's names for what an RMP entry says.</summary>
/// <remarks>Source: AMD-ASPFW; AMD APM vol 2 table 15-35.</remarks>
// Simplified: CONTEXT, METADATA, PRE_SWAP and HV_FIXED are FIRMWARE or HYPERVISOR here; the entry alone does not tell them apart.
public enum RmpPageState
{
    /// <summary>The hypervisor's.</summary>
    Hypervisor,

    /// <summary>The firmware's.</summary>
    Firmware,

    /// <summary>Was the firmware's; the hypervisor may take it back.</summary>
    Reclaim,

    /// <summary>A guest's that is being launched: the firmware will measure it.</summary>
    PreGuest,

    /// <summary>A guest's that the guest has not validated.</summary>
    GuestInvalid,

    /// <summary>A guest's.</summary>
    GuestValid,
}

/// <summary>Names the state of an RMP entry.</summary>
public static class RmpPageStates
{
    /// <summary>The state that assigned, ASID, immutable and validated make together.</summary>
    public static RmpPageState PageState(this RmpState entry) => entry switch
    {
        { Assigned: false } => RmpPageState.Hypervisor,
        { Asid.Value: 0, Immutable: true } => RmpPageState.Firmware,
        { Asid.Value: 0 } => RmpPageState.Reclaim,
        { Immutable: true } => RmpPageState.PreGuest,
        { Validated: true } => RmpPageState.GuestValid,
        _ => RmpPageState.GuestInvalid,
    };
}
