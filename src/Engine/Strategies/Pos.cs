namespace GmemActors.Engine;

/// <summary>Every message has a random priority, drawn anew whenever another message reaches the same actor first.</summary>
/// <remarks>
/// Source: Yuan, Yang, Gu, "Partial order aware concurrency sampling", CAV 2018. Two messages race when they are for one actor.
/// A retry draws all priorities anew: else a loop could outrun for a very long time the one unlucky message it waits for.
/// </remarks>
public sealed class Pos(ulong seed) : Strategy(seed)
{
    private Prng _order = OrderPrng(seed);
    private ulong _retries;

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled)
    {
        Pending? best = null;
        foreach (var pending in enabled)
        {
            var stamp = Stamp(pending);
            if (pending.RankedAt != stamp)
            {
                pending.RankedAt = stamp;
                pending.Rank = _order.Next();
            }

            if (best is null || pending.Rank > best.Rank) best = pending;
        }

        return best!;
    }

    /// <inheritdoc/>
    public override void Retried(KernelTask task) => _retries++;

    // Differs as soon as it is another message, or its actor has handled one, or somebody has retried.
    private long Stamp(Pending pending) =>
        (long)(pending.Target.OrderHash + ((ulong)pending.SentAt * 0xD1B54A32D192ED03) + (_retries * 0x8CB92BA72F3D8DD7));
}
