namespace GmemActors.Engine;

/// <summary>PCT over chains of messages, each caused by the one before it, instead of tasks (PCTCP).</summary>
/// <remarks>
/// Source: Ozkan, Majumdar, Niksic, Tabaei Befrouei, Weissenbacher, "Randomized testing of distributed systems with probabilistic
/// guarantees", OOPSLA 2018. The requests of one task are one chain. A message that was told, and the first request of a task
/// that was started on the way, joins the chain of the message in whose step it was sent if nothing has followed that one yet
/// (its sender has exited, or was only held up by the order of two messages to one actor); otherwise it opens a chain at a random
/// place. At a change the message, and what follows it, becomes a chain below all others.
/// Simplified: what follows from a Join, or was sent early and seen late because it waited, opens a chain too.
/// </remarks>
public sealed class ChainPct(ulong seed, Calibration calibration, int depth)
    : PriorityStrategy(seed, depth, calibration.Choices)
{
    private Pending? _cause;
    private ulong _free;

    private protected override Pending Highest(EnabledSet enabled, ref Prng order, out bool hasChoice)
    {
        FreeChain();
        hasChoice = enabled.Count > 1;
        Pending? best = null;
        var highest = 0ul;
        foreach (var pending in enabled)
        {
            var rank = RankOf(pending);
            if (rank == 0) Rank(pending, rank = Join(pending, ref order));
            if (rank > highest) (best, highest) = (pending, rank);
        }

        _cause = best;
        return best!;
    }

    private protected override void Lower(Pending pending, ulong rank) => Rank(pending, rank);

    private static ulong RankOf(Pending pending) => pending.IsTell ? pending.Rank : pending.Sender.Rank;

    private static void Rank(Pending pending, ulong rank)
    {
        if (pending.IsTell) pending.Rank = rank;
        else pending.Sender.Rank = rank;
    }

    // The chain of the latest message, unless the next request of its sender continues it.
    private void FreeChain() =>
        _free = _cause is not null && (_cause.IsTell || _cause.Sender.HasExited) ? RankOf(_cause) : 0;

    private ulong Join(Pending pending, ref Prng order)
    {
        // The sender of the latest message is the one whose latest step is the latest of all.
        if (_free == 0 || pending.SentAt != _cause!.Sender.LastStep) return Draw(ref order);
        var chain = _free;
        _free = 0;
        return chain;
    }
}
