namespace GmemActors.Engine;

/// <summary>The tasks in a ring by their ids; a message that was told runs by itself and comes after them, in order of arrival.</summary>
internal struct Turns()
{
    private const long FirstTold = 1L << 32;

    private long _toldCount;

    /// <summary>The place of a message's sender in the ring, or of the message itself if it was told.</summary>
    internal long PlaceOf(Pending pending)
    {
        if (!pending.IsTell) return pending.Sender.Id;
        if (pending.RankedAt < 0) pending.RankedAt = FirstTold + _toldCount++;
        return pending.RankedAt;
    }

    /// <summary>Whose turn it is at <paramref name="place"/>, or next after it, round the ring.</summary>
    internal Pending From(EnabledSet enabled, long place)
    {
        Pending? best = null;
        var least = ulong.MaxValue;
        foreach (var pending in enabled)
        {
            // Those before the place wrap around to the far end.
            var distance = (ulong)(PlaceOf(pending) - place);
            if (best is not null && distance >= least) continue;
            (best, least) = (pending, distance);
        }

        return best!;
    }
}
