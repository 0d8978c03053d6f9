namespace GmemActors.Engine;

/// <summary>One message of each task in turn, by their ids; the seed says who begins, and who goes on after a retry.</summary>
/// <remarks>Without that, tasks that get in each other's way would do so for ever, in step: a livelock of this strategy alone.</remarks>
public sealed class RoundRobin : Strategy
{
    private readonly int _taskCount;
    private Prng _order;
    private Turns _turns = new();
    private long _place;

    /// <summary>A strategy whose first place is drawn among the tasks that the calibration has seen.</summary>
    public RoundRobin(ulong seed, Calibration calibration) : base(seed)
    {
        _order = OrderPrng(seed);
        _taskCount = Math.Max(1, calibration.TaskCount);
        _place = _order.Below(_taskCount);
    }

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled)
    {
        var next = _turns.From(enabled, _place);
        _place = _turns.PlaceOf(next) + 1;
        return next;
    }

    /// <inheritdoc/>
    public override void Retried(KernelTask task)
    {
        // One place more than there are tasks: what was told stands behind them.
        _place = _order.Below(_taskCount + 1);
    }
}
