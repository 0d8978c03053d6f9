using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>How something that a guest did ended, as the guest sees it.</summary>
/// <param name="Fault">The exception that the guest got: #VC, #PF; none if it went well.</param>
/// <param name="Outcome">Of an instruction on the RMP: its code.</param>
/// <param name="Content">Of a read: what was read.</param>
/// <param name="Psc">Of a request to the hypervisor: what it answered; 0 is success.</param>
public readonly record struct GuestResult(
    Fault Fault = default, RmpOutcome Outcome = default, Content Content = default, ulong Psc = 0);
