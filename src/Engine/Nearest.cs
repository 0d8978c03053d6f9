namespace GmemActors.Engine;

/// <summary>Finds the names that somebody who typed another one may have meant.</summary>
public static class Nearest
{
    private const int Most = 3;

    /// <summary>Up to three of the names, the nearest first: those that begin with the word, or are few typing errors away.</summary>
    public static IReadOnlyList<string> To(string word, IEnumerable<string> names) =>
    [
        .. names.Select(name => (Name: name, Distance: DistanceFrom(word, name)))
            .Where(found => found.Distance <= Math.Max(1, word.Length / 3))
            .OrderBy(found => found.Distance).ThenBy(found => found.Name, StringComparer.Ordinal)
            .Take(Most).Select(found => found.Name),
    ];

    /// <summary>The least number of letters to insert, delete, replace or swap with their neighbour, to make one word the other.</summary>
    /// <remarks>Optimal string alignment: no letter is touched twice.</remarks>
    public static int Distance(string one, string other)
    {
        var (beforeLast, last, row) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var j = 0; j <= other.Length; j++) row[j] = j;
        for (var i = 1; i <= one.Length; i++)
        {
            (beforeLast, last, row) = (last, row, beforeLast);
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                var swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                if (swapped) row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
        }

        return row[other.Length];
    }

    // Two letters are enough to mean a beginning: one is too few to mean anything.
    private static int DistanceFrom(string word, string name)
    {
        var (typed, known) = (word.ToLowerInvariant(), name.ToLowerInvariant());
        return typed.Length > 1 && known.StartsWith(typed, StringComparison.Ordinal) ? 0 : Distance(typed, known);
    }
}
