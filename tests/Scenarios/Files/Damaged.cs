using System.Text;
using GmemActors.Engine;

namespace GmemActors.Tests.Scenarios.Files;

/// <summary>Damages a file: letters that flip, lines that move, numbers that explode.</summary>
internal static class Damaged
{
    private static readonly string[] Numbers =
        ["0", "-1", "1", "4095", "4096", "8K", "3G", "0x1000", "0xfffffffffffff000", "18446744073709551615", "18446744073709551616", "1e9", "99999999999999999999999"];

    internal static string Of(string text, Prng prng)
    {
        for (var i = prng.Below(3); i >= 0; i--)
        {
            text = prng.Below(7) switch
            {
                0 => FlipLetters(text, prng),
                1 => MoveLine(text, prng),
                2 or 3 => ChangeNumber(text, prng),
                4 => RepeatLine(text, prng),
                5 => ChangeWord(text, prng),
                _ => CutLine(text, prng),
            };
        }

        return text;
    }

    private static string FlipLetters(string text, Prng prng)
    {
        var letters = new StringBuilder(text);
        for (var i = prng.Below(4); i >= 0 && letters.Length > 0; i--) letters[prng.Below(letters.Length)] ^= (char)(1 << prng.Below(8));
        return letters.ToString();
    }

    private static string MoveLine(string text, Prng prng)
    {
        var lines = text.Split('\n').ToList();
        var from = prng.Below(lines.Count);
        var line = lines[from];
        lines.RemoveAt(from);
        lines.Insert(prng.Below(lines.Count + 1), prng.Below(2) == 0 ? line : "  " + line);
        return string.Join('\n', lines);
    }

    private static string RepeatLine(string text, Prng prng)
    {
        var lines = text.Split('\n').ToList();
        var at = prng.Below(lines.Count);
        lines.InsertRange(at, Enumerable.Repeat(lines[at], 1 + prng.Below(40)));
        return string.Join('\n', lines);
    }

    private static string CutLine(string text, Prng prng)
    {
        var lines = text.Split('\n').ToList();
        var at = prng.Below(lines.Count);
        if (prng.Below(2) == 0) lines.RemoveAt(at);
        else lines[at] = lines[at][..prng.Below(lines[at].Length + 1)];
        return string.Join('\n', lines);
    }

    private static string ChangeNumber(string text, Prng prng)
    {
        var starts = Enumerable.Range(1, text.Length - 1).Where(i => char.IsAsciiDigit(text[i]) && text[i - 1] is ' ' or '[').ToList();
        if (starts.Count == 0) return text;
        var start = starts[prng.Below(starts.Count)];
        var end = start;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        return text[..start] + Numbers[prng.Below(Numbers.Length)] + text[end..];
    }

    private static string ChangeWord(string text, Prng prng)
    {
        var words = text.Split(' ');
        words[prng.Below(words.Length)] = words[prng.Below(words.Length)];
        return string.Join(' ', words);
    }
}
