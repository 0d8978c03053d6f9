using System.Text.RegularExpressions;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

/// <summary>A word of a line, and where it stands.</summary>
internal readonly partial record struct Word(Place Place, string Letters)
{
    /// <summary>The names of objects, tasks, labels and barriers.</summary>
    internal const string NamePattern = "[A-Za-z][A-Za-z0-9_.-]{0,39}";

    // What YAML reads as something else, and what files say for no object or for all of something.
    private static readonly string[] Reserved = ["true", "false", "null", "none", "all"];

    /// <summary>What it is, for messages.</summary>
    internal string What => ScenarioFileException.Quote(Letters);

    /// <summary>The text of a node.</summary>
    internal static YamlText Text(YamlNode node, string expected) =>
        node is YamlText { Text.Length: > 0 } text ? text : throw new ScenarioFileException(node.Place, node.What, expected);

    /// <summary>A node that is one word.</summary>
    internal static Word Of(YamlNode node, string expected)
    {
        var words = AllOf(Text(node, expected));
        return words.Count == 1 ? words[0] : throw new ScenarioFileException(node.Place, node.What, expected);
    }

    /// <summary>A node that names something new.</summary>
    internal static string NameOf(YamlText text, string what) =>
        Name().IsMatch(text.Text) && !Reserved.Contains(text.Text, StringComparer.OrdinalIgnoreCase)
        ? text.Text
        : throw new ScenarioFileException(text.Place, text.What, $"a name of {what}: a letter, then up to 39 letters, digits, '_', '.' or '-'");

    /// <summary>The words of a text.</summary>
    internal static List<Word> AllOf(YamlText text)
    {
        var words = new List<Word>();
        for (var i = 0; i < text.Text.Length; i++)
        {
            if (text.Text[i] is ' ' or '\n') continue;
            var end = text.Text.AsSpan(i).IndexOfAny(' ', '\n');
            end = end < 0 ? text.Text.Length : i + end;
            words.Add(new(text.PlaceOf(i), text.Text[i..end]));
            i = end;
        }

        return words;
    }

    /// <summary>A number of bytes.</summary>
    internal static Argument BytesOf(YamlNode node, string what)
    {
        var word = Of(node, $"{what}, {Bytes.Form}");
        return Bytes.TryRead(word.Letters, out var bytes)
            ? new(word.Letters, bytes)
            : throw new ScenarioFileException(word.Place, word.What, $"{what}, {Bytes.Form}");
    }

    [GeneratedRegex($"^{NamePattern}\\z")]
    private static partial Regex Name();
}
