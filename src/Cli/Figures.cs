using System.Globalization;

namespace GmemActors.Cli;

/// <summary>How numbers are printed: the same everywhere.</summary>
internal static class Figures
{
    internal static string Count(long number, string one, string ending = "s") =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {one}{(number == 1 ? "" : ending)}");

    /// <summary>The same, with the number to the right and the ends of the words below each other.</summary>
    internal static string Column(long number, int width, string one) =>
        Count(number, one, "s").PadLeft(width + 1 + one.Length + (number == 1 ? 0 : 1)).PadRight(width + 2 + one.Length);

    /// <summary>Steps in a second.</summary>
    internal static string Rate(long steps, double seconds)
    {
        var rate = steps / Math.Max(seconds, 1e-6);
        return rate >= 1e6
            ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e6:F1} M steps/s")
            : string.Create(CultureInfo.InvariantCulture, $"{rate / 1e3:F1} k steps/s");
    }
}
