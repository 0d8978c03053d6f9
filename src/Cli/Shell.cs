namespace GmemActors.Cli;

/// <summary>Commands that are printed for a user to paste.</summary>
internal static class Shell
{
    /// <summary>A word as a shell reads it back.</summary>
    internal static string Word(string text) => text.Length > 0 && text.All(IsPlain)
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "_./+-:=,@".Contains(letter);
}
