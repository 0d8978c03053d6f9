using System.Globalization;

namespace GmemActors.Scenarios.Files;

/// <summary>Sizes and addresses as files spell them: <c>8192</c>, <c>8K</c>, <c>2M</c>, <c>0x1000</c>.</summary>
internal static class Bytes
{
    /// <summary>How they are spelled, for messages.</summary>
    internal const string Form = "a number of bytes such as 0x1000, 4096, 4K or 2M";

    /// <summary>The same as a regular expression.</summary>
    internal const string Pattern = "(0x[0-9a-fA-F]+|[0-9]+[KMG]?)";

    internal static bool TryRead(string text, out ulong bytes)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes);
        }

        var shift = text.Length == 0 ? 0 : text[^1] switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        var digits = shift > 0 ? text.AsSpan(0, text.Length - 1) : text;
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) || bytes > ulong.MaxValue >> shift) return false;
        bytes <<= shift;
        return true;
    }
}
