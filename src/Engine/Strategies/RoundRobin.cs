namespace GmemActors.Engine;

/// <summary>One message of each task in turn, by their ids; the seed only says who begins.</summary>
public sealed class RoundRobin(ulong seed, Calibration calibration) : Strategy(seed)
{
    private Turns _turns = new();
    private long _place = OrderPrng(seed).Below(Math.Max(1, calibration.TaskCount));

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled)
    {
        var next = _turns.From(enabled, _place);
        _place = _turns.PlaceOf(next) + 1;
        return next;
    }
}
