namespace GmemActors.Engine;

/// <summary>Uniform among what can be delivered, at every step.</summary>
public sealed class RandomWalk(ulong seed) : Strategy(seed)
{
    private Prng _order = OrderPrng(seed);

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled) => enabled[_order.Below(enabled.Count)];
}
