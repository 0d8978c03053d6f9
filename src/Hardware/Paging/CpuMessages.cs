using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>The processor enters guest mode: VMRUN, VM entry. A flush comes before the first guest instruction.</summary>
public sealed record EnterGuest(bool FlushTlb = false) : Message<Done>
{
    /// <summary>Without a flush.</summary>
    public static readonly EnterGuest Now = new();
}

/// <summary>The processor leaves guest mode: #VMEXIT, VM exit.</summary>
public sealed record ExitGuest : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ExitGuest Now = new();
}

/// <summary>The processor looks a guest frame up in its TLB, in guest mode.</summary>
public sealed record TlbLookup(Gfn Gfn) : Query<Translation>;

/// <summary>The processor caches the result of a walk, in guest mode.</summary>
public sealed record TlbFill(Gfn Gfn, Translation Translation) : Message<Done>;

/// <summary>The processor forgets all translations, now: it is the one that executes this.</summary>
public sealed record TlbFlush : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly TlbFlush Now = new();
}

/// <summary>Another processor's TLB forgets a translation without an IPI: INVLPGB, or the guest's own INVLPG.</summary>
public sealed record TlbFlushGfn(Gfn Gfn) : Message<Done>;

/// <summary>The processor takes no interrupts from now on: CLI.</summary>
public sealed record LocalIrqDisable : Message<Done>;

/// <summary>The processor takes interrupts again, those first that are pending: STI.</summary>
public sealed record LocalIrqEnable : Message<Done>;

/// <summary>Sends an interrupt to the processor. Replies whether it is pending: if not, it was taken at once.</summary>
public sealed record SendIpi : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SendIpi Now = new();
}

/// <summary>Waits until the processor has taken every interrupt that was sent to it.</summary>
public sealed record WaitForIpi : Wait<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly WaitForIpi Now = new();
}

/// <summary>Whether an interrupt is pending: in guest mode it makes the processor exit.</summary>
public sealed record IpiPending : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly IpiPending Now = new();
}

/// <summary>The guest runs, and touches nothing, until an interrupt makes the processor exit.</summary>
public sealed record RunUntilInterrupted : Wait<Done>;
