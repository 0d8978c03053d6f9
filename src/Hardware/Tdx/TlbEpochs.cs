using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>
/// How the TDX module knows that no processor has a stale translation: epochs, and how many vCPUs entered in each.
/// </summary>
/// <remarks>
/// Source: TDX module 1.5. A vCPU that enters in a later epoch flushes its TLB; so a translation that was blocked in an epoch
/// is gone when a later one has begun and nobody who entered in that one, or before, is still inside.
/// </remarks>
public sealed class TlbEpochs
{
    private readonly int[] _inside = new int[2];

    /// <summary>The current epoch.</summary>
    public ulong Current { get; private set; } = 1;

    /// <summary>A vCPU enters; returns the epoch it belongs to until it exits.</summary>
    public ulong Enter()
    {
        _inside[Current & 1]++;
        return Current;
    }

    /// <summary>A vCPU exits that had entered in <paramref name="epoch"/>.</summary>
    public void Exit(ulong epoch)
    {
        Check.That(epoch + 1 >= Current);
        Check.That(_inside[epoch & 1] > 0);
        _inside[epoch & 1]--;
    }

    /// <summary>MEM.TRACK: a new epoch, unless somebody is still inside the one before the current.</summary>
    public TdxStatus Track()
    {
        if (_inside[1 - (Current & 1)] > 0) return TdxCode.PreviousTlbEpochBusy;
        Current++;
        return TdxStatus.Success;
    }

    /// <summary>Whether nobody can have a translation that was blocked in <paramref name="epoch"/>.</summary>
    public bool IsTracked(ulong epoch) => epoch + 1 < Current || (epoch + 1 == Current && _inside[epoch & 1] == 0);
}
