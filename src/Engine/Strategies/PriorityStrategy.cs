namespace GmemActors.Engine;

/// <summary>Delivers the message of the highest rank; at random steps, the rank of the one that would be next is lowered.</summary>
/// <remarks>
/// Three bands: ranks drawn at random; below them one for each change, by the number it was drawn with; below those the tasks
/// that went back to try again, the latest at the bottom, so that no loop keeps from its turn the task it waits for.
/// </remarks>
public abstract class PriorityStrategy : Strategy
{
    private const ulong Random = 1UL << 63;
    private const ulong Lowered = 1UL << 62;

    private readonly ChangePoints _changes;
    private Prng _order;
    private ulong _bottom = Lowered;

    /// <summary>A strategy of depth − 1 changes within <paramref name="steps"/> steps that had a choice.</summary>
    private protected PriorityStrategy(ulong seed, int depth, int steps) : base(seed)
    {
        _order = OrderPrng(seed);
        _changes = new(ref _order, depth - 1, steps);
    }

    /// <summary>How often a rank was lowered so far.</summary>
    internal int Changes => _changes.Passed;

    /// <inheritdoc/>
    public sealed override Pending Next(EnabledSet enabled)
    {
        var next = Highest(enabled, ref _order, out var hasChoice);
        if (!hasChoice || _changes.Count() is not (> 0 and var number)) return next;
        Lower(next, Lowered + (ulong)number);
        return Highest(enabled, ref _order, out _);
    }

    /// <inheritdoc/>
    public sealed override void Retried(KernelTask task) => task.Rank = --_bottom;

    /// <summary>The message to deliver, and whether others compete with it.</summary>
    private protected abstract Pending Highest(EnabledSet enabled, ref Prng order, out bool hasChoice);

    /// <summary>Gives a lower rank to whatever <paramref name="pending"/> belongs to.</summary>
    private protected abstract void Lower(Pending pending, ulong rank);

    /// <summary>A rank above all that were lowered.</summary>
    private protected static ulong Draw(ref Prng order) => Random | order.Next();
}
