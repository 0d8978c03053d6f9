namespace GmemActors.Engine;

/// <summary>Decides, at every step, which message is delivered next.</summary>
/// <remarks>
/// A pure function of its seed and of the calibration of what is explored: made anew for each execution, it learns nothing from
/// others. What it is offered can be delivered now and is never empty.
/// </remarks>
public abstract class Strategy(ulong seed)
{
    private const ulong DataStream = 1;
    private const ulong OrderStream = 2;

    private Prng _data = Prng.Stream(seed, DataStream);

    /// <summary>The generator for the order of messages; choices of data draw from another, so that neither shifts the other.</summary>
    private protected static Prng OrderPrng(ulong seed) => Prng.Stream(seed, OrderStream);

    /// <summary>The message to deliver.</summary>
    public abstract Pending Next(EnabledSet enabled);

    /// <summary>A choice of data or of a fault: 0 … <paramref name="count"/> − 1.</summary>
    public virtual int Choose(KernelTask task, int count, string what) => _data.Below(count);

    /// <summary>Told that <paramref name="task"/> goes back to try again: whoever has a preference lets others run first.</summary>
    public virtual void Retried(KernelTask task)
    {
    }
}
