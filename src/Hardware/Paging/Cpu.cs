using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>The processor that a vCPU runs on: guest mode or not, interrupts on or off, and the TLB.</summary>
/// <remarks>
/// An interrupt that finds the processor in guest mode, or with interrupts off, stays pending until it has left guest mode and
/// takes interrupts: only then does <see cref="WaitForIpi"/> go on. The TLB survives an exit; what is flushed, and when, is up
/// to the kernel. So a remote flush that is missing, or is not waited for, shows as an access through a translation that is
/// gone.
/// </remarks>
// Simplified: a vCPU keeps its processor, so a processor has the TLB of one vCPU; interrupts are of one kind and are counted as
// one.
public sealed class Cpu : Actor
{
    private readonly Tlb _tlb = new();
    private readonly Condition _acknowledged;
    private readonly Condition _interrupted;
    private KernelTask? _runner;
    private bool _irqsOff;
    private bool _ipiPending;

    /// <summary>A processor in host mode, interrupts on, with an empty TLB.</summary>
    public Cpu(string name) : base(name)
    {
        _acknowledged = new(this, "ipi", open: true) { Spins = true };
        _interrupted = new(this, "interrupt");
    }

    /// <summary>Whether it executes guest code.</summary>
    public bool InGuestMode { get; private set; }

    /// <summary>Whether an interrupt waits for it to leave guest mode.</summary>
    public bool HasIpiPending => _ipiPending;

    /// <summary>How many translations it has cached.</summary>
    public int TlbCount => _tlb.Count;

    /// <summary>A cached translation, 0 … <see cref="TlbCount"/> − 1.</summary>
    public (Gfn Gfn, Translation Translation) TlbEntry(int index) => (_tlb[index].Gfn, _tlb[index].Translation);

    /// <inheritdoc/>
    protected override Gate GateOf(KernelTask sender, Message message) => message switch
    {
        WaitForIpi => _acknowledged,
        RunUntilInterrupted => _interrupted,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case TlbLookup lookup:
                Check.That(InGuestMode);
                return lookup.Reply(_tlb.Lookup(lookup.Gfn));
            case TlbFill fill:
                Check.That(InGuestMode);
                _tlb.Fill(fill.Gfn, fill.Translation);
                return Reply.Done;
            case EnterGuest enter:
                Check.That(!InGuestMode);
                Check.That(_runner is null || _runner == sender);
                InGuestMode = true;
                _runner = sender;
                if (enter.FlushTlb) _tlb.Flush();
                return Reply.Done;
            case ExitGuest:
                Check.That(InGuestMode);
                InGuestMode = false;
                TakeInterrupts();
                return Reply.Done;
            case SendIpi send:
                Interrupt();
                return send.Reply(_ipiPending);
            case IpiPending pending:
                return pending.Reply(_ipiPending);
            case LocalIrqDisable:
                Check.That(_runner is null || _runner == sender);
                _irqsOff = true;
                _runner = sender;
                return Reply.Done;
            case LocalIrqEnable:
                _irqsOff = false;
                TakeInterrupts();
                return Reply.Done;
            case TlbFlush:
                _tlb.Flush();
                return Reply.Done;
            case TlbFlushGfn flush:
                _tlb.Flush(flush.Gfn);
                return Reply.Done;
            case WaitForIpi or RunUntilInterrupted:
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private void Interrupt()
    {
        if (_ipiPending || !(InGuestMode || _irqsOff)) return;
        _ipiPending = true;
        _acknowledged.Shut();
        _acknowledged.BlockedBy(_runner!);
        _interrupted.Open();
    }

    private void TakeInterrupts()
    {
        if (InGuestMode || _irqsOff) return;
        if (_ipiPending)
        {
            _ipiPending = false;
            _acknowledged.NoLongerBlockedBy(_runner!);
            _acknowledged.Open();
            _interrupted.Shut();
        }

        _runner = null;
    }
}
