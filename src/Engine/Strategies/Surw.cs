namespace GmemActors.Engine;

/// <summary>Samples the orders in which one actor, drawn for this execution, is reached as uniformly as it can (SURW).</summary>
/// <remarks>
/// Source: Zhao, Wolff, Mathur, Roychoudhury, "Selectively uniform concurrency testing", ASPLOS 2025. A task is drawn by how many
/// messages it still has for that actor (its weight, from the calibration), and until its message comes, those of others for
/// that actor are put off; all other messages are delivered at random. With exact weights and no locks, every order is equally
/// probable. A retry gives up the claim, and half of the retrying task's weight: what it waits for may be among what was put off.
/// Simplified: a task's weight does not include those of the tasks that it starts, since no calibration knows who starts whom;
/// theirs count from their first request on, and a claim is not handed on to them.
/// </remarks>
public sealed class Surw : Strategy
{
    private readonly Calibration _calibration;
    private readonly int _actor;
    private Prng _order;
    private KernelTask? _intended;

    /// <summary>A strategy whose actor the seed picks among those that more than one task speaks to.</summary>
    public Surw(ulong seed, Calibration calibration) : base(seed)
    {
        _calibration = calibration;
        _order = OrderPrng(seed);
        var contested = calibration.ContestedActors;
        _actor = contested.Count == 0 ? -1 : contested[_order.Below(contested.Count)];
    }

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled)
    {
        if (_intended is null)
        {
            var any = enabled[_order.Below(enabled.Count)];
            if (!IsSelected(any)) return any;
            _intended = DrawByWeight(enabled);
            if (any.Sender == _intended) return Deliver(any);
        }

        if (Draw(enabled) is { } next) return IsSelected(next) ? Deliver(next) : next;

        // All that can be delivered was put off, and the one it was put off for waits itself.
        _intended = DrawByWeight(enabled);
        return Deliver(Draw(enabled)!);
    }

    /// <inheritdoc/>
    public override void Retried(KernelTask task)
    {
        _intended = null;
        SetWeight(task, WeightOf(task) / 2);
    }

    private bool IsSelected(Pending pending) => pending.Target.Id == _actor && pending.Target is not KernelTask;

    private Pending Deliver(Pending selected)
    {
        SetWeight(selected.Sender, Claim(selected) - 1);
        _intended = null;
        return selected;
    }

    // Uniform among what is not put off; null if all is.
    private Pending? Draw(EnabledSet enabled)
    {
        Pending? drawn = null;
        var count = 0;
        foreach (var pending in enabled)
        {
            if (pending.Sender != _intended && IsSelected(pending)) continue;
            if (_order.Below(++count) == 0) drawn = pending;
        }

        return drawn;
    }

    private KernelTask DrawByWeight(EnabledSet enabled)
    {
        var sum = 0;
        foreach (var pending in enabled) sum += Claim(pending);
        var point = _order.Below(sum);
        foreach (var pending in enabled)
        {
            point -= Claim(pending);
            if (point < 0) return pending.Sender;
        }

        throw new InternalErrorException("a weighted draw beyond its sum");
    }

    // What the calibration has not seen can happen all the same: who is there has a claim.
    private int Claim(Pending pending) => WeightOf(pending.Sender) is > 0 and var weight ? weight : IsSelected(pending) ? 1 : 0;

    private int WeightOf(KernelTask task) =>
        task.Rank == 0 ? _calibration.MessagesOf(task.Id, _actor) : (int)task.Rank - 1;

    // One more than the weight: 0 is a task whose weight is still the calibration's.
    private static void SetWeight(KernelTask task, int weight) => task.Rank = (ulong)weight + 1;
}
