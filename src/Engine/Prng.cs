namespace GmemActors.Engine;

/// <summary>The one generator of random numbers: SplitMix64, whose sequence is part of what a seed means.</summary>
/// <remarks>Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.</remarks>
public struct Prng(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in 0 … <paramref name="count"/> − 1, without bias.</summary>
    /// <param name="count">At least 1.</param>
    public int Below(int count)
    {
        Check.That(count > 0);
        var range = (uint)count;
        var product = (ulong)(uint)Next() * range;
        if ((uint)product < range) product = Reject(product, range);
        return (int)(product >> 32);
    }

    /// <summary>An independent generator for the numbered purpose <paramref name="stream"/> of one seed.</summary>
    public static Prng Stream(ulong seed, ulong stream) => new(Mix(seed ^ Mix(stream + 1)));

    /// <summary>The finalizer of SplitMix64: a bijection of 64 bits that spreads every input bit over all outputs.</summary>
    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    // Lemire's rejection ("Fast random integer generation in an interval", 2019): only the short tail is drawn again.
    private ulong Reject(ulong product, uint range)
    {
        var threshold = (0u - range) % range;
        while ((uint)product < threshold) product = (ulong)(uint)Next() * range;
        return product;
    }
}
