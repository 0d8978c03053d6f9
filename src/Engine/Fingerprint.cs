namespace GmemActors.Engine;

/// <summary>A running 64-bit hash whose value is the same in every process and on every machine.</summary>
/// <remarks>FNV-1a over UTF-16 code units (Fowler, Noll, Vo), finished with SplitMix64's mixer.</remarks>
public struct Fingerprint()
{
    private ulong _state = 0xCBF29CE484222325;

    /// <summary>The hash of all that was added, in its order.</summary>
    public readonly ulong Value => Prng.Mix(_state);

    /// <summary>Adds a text and its end.</summary>
    public void Add(string text)
    {
        foreach (var unit in text) Add(unit);
        Add('\0');
    }

    /// <summary>Adds one number.</summary>
    public void Add(ulong number) => _state = (_state ^ number) * 0x100000001B3;

    /// <summary>The hash of a few texts, each with its end.</summary>
    public static ulong Of(params ReadOnlySpan<string> texts)
    {
        var fingerprint = new Fingerprint();
        foreach (var text in texts) fingerprint.Add(text);
        return fingerprint.Value;
    }

    /// <summary>How a fingerprint is printed: 16 lower-case hexadecimal digits.</summary>
    public static string Text(ulong value) => value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
