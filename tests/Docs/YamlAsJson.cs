using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GmemActors.Scenarios.Files;

namespace GmemActors.Tests.Docs;

/// <summary>A YAML document as an editor sees it: plain scalars are what the core schema of YAML 1.2 makes of them.</summary>
internal static partial class YamlAsJson
{
    internal static JsonNode? Of(string text) => Of(YamlReader.Read(text), text.Split('\n'));

    private static JsonNode? Of(YamlNode node, string[] lines) => node switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Of(entry.Value, lines)))),
        YamlList list => new JsonArray([.. list.Items.Select(item => Of(item, lines))]),
        YamlText text when IsPlain(text, lines) => Scalar(text.Text),
        _ => JsonValue.Create(((YamlText)node).Text),
    };

    private static bool IsPlain(YamlText text, string[] lines)
    {
        if (text.Text.Length == 0) return true;
        var (line, column) = (text.Place.Line - 1, text.Place.Column - 1);
        return line < lines.Length && column < lines[line].Length && lines[line][column] is not ('"' or '\'' or '|' or '>');
    }

    private static JsonNode? Scalar(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL") return null;
        if (text is "true" or "True" or "TRUE") return true;
        if (text is "false" or "False" or "FALSE") return false;
        if (Hex().IsMatch(text)) return (double)System.Numerics.BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return Float().IsMatch(text) ? double.Parse(text, CultureInfo.InvariantCulture) : JsonValue.Create(text);
    }

    [GeneratedRegex("^0x[0-9a-fA-F]+$")]
    private static partial Regex Hex();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
