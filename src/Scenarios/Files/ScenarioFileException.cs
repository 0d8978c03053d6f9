using GmemActors.Engine;

namespace GmemActors.Scenarios.Files;

/// <summary>A file is no scenario: where, what was found, and what would be right. The message is one line.</summary>
public sealed class ScenarioFileException(Place place, string found, string expected)
    : Exception($"{place}: found {found}; expected {expected}")
{
    private const int Longest = 60;
    private const int MostNames = 8;

    /// <summary>Where it is.</summary>
    public Place Place { get; } = place;

    /// <summary>A word that is none of those it could be.</summary>
    internal static ScenarioFileException Unknown(Place place, string word, string expected, IEnumerable<string> known)
    {
        var names = known.ToList();
        var near = Nearest.To(word, names);
        var hint = near.Count > 0 ? $" (did you mean {string.Join(" or ", near)}?)"
            : names.Count == 0 ? ", of which there is none"
            : $": {string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? ", …" : "")}";
        return new(place, Quote(word), expected + hint);
    }

    /// <summary>What stands in the file, as it may stand in the message.</summary>
    internal static string Quote(string text)
    {
        if (text.Length == 0) return "nothing";
        var clean = string.Concat(text.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
        return $"'{(clean.Length <= Longest ? clean : clean[..Longest] + "…")}'";
    }
}
