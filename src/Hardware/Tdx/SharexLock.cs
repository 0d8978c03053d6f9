using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>A lock of the TDX module, many readers or one writer: nobody waits for it; who does not get it is told so.</summary>
/// <remarks>
/// Source: TDX module 1.5, sharex and sharex_hp. A host's call that fails leaves the host-priority mark, before which guests'
/// calls give way until a host's call has had the lock. The plain sharex lock has no mark; as only host calls take those, the
/// difference does not show.
/// </remarks>
internal sealed class SharexLock
{
    private int _readers;
    private bool _writer;

    internal bool IsFree => _readers == 0 && !_writer;

    /// <summary>Whether a host's call failed on it and none has had it since.</summary>
    internal bool HasHostPriority { get; private set; }

    internal TdxStatus TryTake(LockMode mode, bool byGuest, TdxOperand operand)
    {
        if (byGuest && HasHostPriority) return TdxCode.BusyHostPriority.With(operand);
        if (_writer || (mode == LockMode.Exclusive && _readers > 0))
        {
            HasHostPriority |= !byGuest;
            return TdxCode.OperandBusy.With(operand);
        }

        if (mode == LockMode.Exclusive) _writer = true;
        else _readers++;
        HasHostPriority &= byGuest;
        return TdxStatus.Success;
    }

    internal void Give(LockMode mode)
    {
        Check.That(mode == LockMode.Exclusive ? _writer : _readers > 0);
        if (mode == LockMode.Exclusive) _writer = false;
        else _readers--;
    }
}
