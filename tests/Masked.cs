using System.Text.RegularExpressions;

namespace GmemActors.Tests;

/// <summary>Takes out of a text what differs from run to run: rates and times.</summary>
internal static partial class Masked
{
    internal static string Of(string text) => Seconds().Replace(Rate().Replace(text, "  … steps/s"), "\"seconds\": …");

    [GeneratedRegex(" +[0-9.]+ [kM] steps/s")]
    private static partial Regex Rate();

    [GeneratedRegex("\"seconds\": [0-9.]+")]
    private static partial Regex Seconds();
}
