using System.Numerics;

namespace GmemActors.Engine;

/// <summary>Counts how many different orders of execution were seen, in 4 KiB whatever their number.</summary>
/// <remarks>
/// HyperLogLog with 2^12 registers and linear counting below (Flajolet, Fusy, Gandouet, Meunier, AofA 2007): a relative standard
/// error of 1.6 %. Sketches of parts join to the sketch of the whole, so the count does not depend on who explored what.
/// </remarks>
public sealed class OrderSketch
{
    private const int IndexBits = 12;
    private const int Size = 1 << IndexBits;

    private readonly byte[] _ranks = new byte[Size];

    /// <summary>About how many different orders there were.</summary>
    public long Count
    {
        get
        {
            var (sum, empty) = (0.0, 0);
            foreach (var rank in _ranks)
            {
                sum += Math.ScaleB(1, -rank);
                if (rank == 0) empty++;
            }

            var estimate = 0.7213 / (1 + (1.079 / Size)) * Size * Size / sum;
            if (estimate <= 2.5 * Size && empty > 0) estimate = Size * Math.Log((double)Size / empty);
            return (long)Math.Round(estimate);
        }
    }

    /// <summary>Adds one, given by its hash.</summary>
    public void Add(ulong hash)
    {
        var index = (int)(hash >> (64 - IndexBits));
        var rank = (byte)(BitOperations.LeadingZeroCount((hash << IndexBits) | 1) + 1);
        if (rank > _ranks[index]) _ranks[index] = rank;
    }

    /// <summary>Adds all that another has seen.</summary>
    public void Add(OrderSketch other)
    {
        for (var i = 0; i < Size; i++) _ranks[i] = Math.Max(_ranks[i], other._ranks[i]);
    }
}
