using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Why a processor left guest mode.</summary>
public enum GuestExitReason : byte
{
    /// <summary>The guest's program is at its end.</summary>
    Halt,

    /// <summary>An interrupt, or a kick.</summary>
    Interrupt,

    /// <summary>The nested page tables do not let an access through.</summary>
    PageFault,

    /// <summary>The guest asks user space to convert frames.</summary>
    Hypercall,
}

/// <summary>A processor left guest mode.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Gfn">Of a fault: the frame.</param>
/// <param name="Error">Of a fault: its error code.</param>
public readonly record struct GuestExit(GuestExitReason Reason, Gfn Gfn = default, PageFaultError Error = PageFaultError.None);
