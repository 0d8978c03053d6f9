using System.Globalization;

namespace GmemActors.Cli;

/// <summary>Reads what a user typed as a number, or says what would be right.</summary>
internal static class Numbers
{
    /// <summary>As many schedules as anybody can wait for.</summary>
    internal const long MostSchedules = 1_000_000_000_000;

    private const int MostWorkers = 1024;
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(30);

    internal static ulong Seed(string text)
    {
        var (digits, style) = text.StartsWith("0x", StringComparison.Ordinal)
            ? (text[2..], NumberStyles.AllowHexSpecifier)
            : (text, NumberStyles.None);
        return ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw Wrong("seed", text, $"a number from 0 to {ulong.MaxValue}, or as many bits as 0x…");
    }

    internal static long Schedules(string text) =>
        Count(text, MostSchedules) ?? throw Wrong("number of schedules", text, $"a number from 1 to {MostSchedules}");

    internal static int Workers(string text) =>
        (int)(Count(text, MostWorkers) ?? throw Wrong("number of workers", text, $"a number from 1 to {MostWorkers}"));

    /// <summary>A shard: which of how many.</summary>
    internal static (long Index, long Count) Shard(string text)
    {
        var parts = text.Split('/');
        var count = parts.Length == 2 ? Count(parts[1], MostSchedules) : null;
        return count is not null && Count(parts[0], count.Value) is { } index
            ? (index, count.Value)
            : throw Wrong("shard", text, "I/N with I from 1 to N, as in 1/4");
    }

    internal static TimeSpan Time(string text)
    {
        var digits = text.TrimEnd('m', 's', 'h');
        double? seconds = text[digits.Length..] switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, _ => null };
        var isTime = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && seconds * number is > 0 and var total && total <= LongestTime.TotalSeconds;
        return isTime
            ? TimeSpan.FromSeconds(number * seconds!.Value)
            : throw Wrong("time", text, "a number with its unit, up to 30 days: 500ms, 30s, 5m, 2h");
    }

    private static long? Count(string text, long most)
    {
        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        return isNumber && count >= 1 && count <= most ? count : null;
    }

    private static MisuseException Wrong(string what, string text, string right) =>
        new($"{MisuseException.Quote(text)} is no {what}: write {right}");
}
