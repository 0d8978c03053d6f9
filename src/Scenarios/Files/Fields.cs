namespace GmemActors.Scenarios.Files;

/// <summary>A mapping whose keys are known.</summary>
internal sealed class Fields
{
    private readonly YamlMap _map;
    private readonly string _what;

    /// <summary>The fields of <paramref name="node"/>, which is <paramref name="what"/>; other keys are an error.</summary>
    internal Fields(YamlNode node, string what, params string[] known)
    {
        _what = what;
        _map = node as YamlMap ?? throw new ScenarioFileException(node.Place, node.What, $"{what}, with: {string.Join(", ", known)}");
        foreach (var (key, _) in _map.Entries)
        {
            if (!known.Contains(key.Text)) throw ScenarioFileException.Unknown(key.Place, key.Text, $"a key of {what}", known);
        }
    }

    /// <summary>The value of a key; null if it is not there.</summary>
    internal YamlNode? Find(string key) => _map.Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Value;

    /// <summary>The value of a key that must be there.</summary>
    internal YamlNode Get(string key) => Find(key) ?? throw new ScenarioFileException(_map.Place, $"{_what} without '{key}'", $"'{key}:'");

    /// <summary>The text of a key; null if it is not there.</summary>
    internal YamlText? Text(string key, string expected) => Find(key) is { } node ? Word.Text(node, expected) : null;
}
