namespace GmemActors.Engine;

/// <summary>Runs one task for as long as it can, then the next by its id, but for a bounded number of random delays.</summary>
/// <remarks>
/// Source: Emmi, Qadeer, Rakamarić, "Delay-bounded scheduling", POPL 2011. A delay passes over whoever is next, and the one after
/// it goes on instead. Who retries gives way, which is no delay: else a task would wait for one that never gets its turn.
/// </remarks>
public sealed class DelayBounded : Strategy
{
    private readonly ChangePoints _delays;
    private Turns _turns = new();
    private long _place;

    /// <summary>A strategy of at most <paramref name="delays"/> delays.</summary>
    public DelayBounded(ulong seed, Calibration calibration, int delays) : base(seed)
    {
        var order = OrderPrng(seed);
        _delays = new(ref order, delays, calibration.Choices);
    }

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled)
    {
        var next = _turns.From(enabled, _place);
        if (enabled.Count > 1 && _delays.Count() > 0) next = _turns.From(enabled, _turns.PlaceOf(next) + 1);
        _place = _turns.PlaceOf(next);
        return next;
    }

    /// <inheritdoc/>
    public override void Retried(KernelTask task)
    {
        if (_place == task.Id) _place++;
    }
}
