namespace GmemActors.Engine;

/// <summary>Tasks have random priorities; at depth − 1 random steps the one that would run falls below all others.</summary>
/// <remarks>
/// Source: Burckhardt, Kothari, Musuvathi, Nagarakatti, "A randomized scheduler with probabilistic guarantees of finding bugs",
/// ASPLOS 2010: of n tasks and k steps with more than one task to choose from, a bug of depth d is found with a probability of
/// at least 1 / (n · k^(d−1)). A task that is started later comes in at a random place. Among several messages of one task,
/// the next is drawn at random.
/// </remarks>
public sealed class Pct(ulong seed, Calibration calibration, int depth)
    : PriorityStrategy(seed, depth, calibration.TaskChoices)
{
    private protected override Pending Highest(EnabledSet enabled, ref Prng order, out bool hasChoice)
    {
        hasChoice = false;
        Pending? best = null;
        var ofBest = 1;
        foreach (var pending in enabled)
        {
            var task = pending.Sender;
            if (task.Rank == 0) task.Rank = Draw(ref order);
            if (best is null)
            {
                best = pending;
            }
            else if (task == best.Sender)
            {
                if (order.Below(++ofBest) == 0) best = pending;
            }
            else
            {
                hasChoice = true;
                if (task.Rank > best.Sender.Rank) (best, ofBest) = (pending, 1);
            }
        }

        return best!;
    }

    private protected override void Lower(Pending pending, ulong rank) => pending.Sender.Rank = rank;
}
