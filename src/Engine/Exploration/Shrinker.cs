namespace GmemActors.Engine;

/// <summary>Makes the schedule of a finding as short and as plain as it gets, with the same finding at its end.</summary>
/// <remarks>
/// Whole tasks first, then ever smaller pieces of the schedule are left out (Zeller's ddmin, with what no longer fits passed
/// over); then stretches of one task are moved together. What counts is how often another task goes on, then the steps.
/// </remarks>
public sealed class Shrinker(Explorer explorer, int replays = Shrinker.DefaultReplays, Func<bool>? stop = null)
{
    /// <summary>So many replays are tried at most.</summary>
    public const int DefaultReplays = 4000;

    private int _left = replays;

    /// <summary>The plainest execution found with the same finding; the given one if there is none.</summary>
    public Execution Shrink(Execution execution)
    {
        if (execution.Finding is null) return execution;
        var best = execution;
        while (!IsSpent())
        {
            var before = best;
            best = WithoutTasks(best);
            for (var size = best.Choices.Count / 2; size >= 1; size /= 2) best = WithoutPieces(best, size);
            best = Together(best);
            if (ReferenceEquals(best, before)) break;
        }

        return best;
    }

    private Execution WithoutTasks(Execution best)
    {
        foreach (var task in best.Tasks) best = Try(best, best.Choices.Where(choice => choice.Task != task));
        return best;
    }

    private Execution WithoutPieces(Execution best, int size)
    {
        for (var from = 0; from < best.Choices.Count;)
        {
            var shorter = Try(best, best.Choices.Take(from).Concat(best.Choices.Skip(from + size)));
            if (ReferenceEquals(shorter, best)) from += size;
            best = shorter;
        }

        return best;
    }

    // Moves each stretch of a task up to where that task went on before, or down to where it goes on next.
    private Execution Together(Execution best)
    {
        for (var i = 0; i < Stretches(best).Count; i++)
        {
            var stretches = Stretches(best);
            var task = stretches[i][0].Task;
            var before = stretches.FindLastIndex(i, i, stretch => stretch[0].Task == task);
            var after = stretches.FindIndex(i + 1, stretch => stretch[0].Task == task);
            if (before >= 0) best = Try(best, Moved(stretches, i, before + 1));
            if (after >= 0) best = Try(best, Moved(Stretches(best), i, after - 1));
        }

        return best;
    }

    private static IEnumerable<Choice> Moved(List<List<Choice>> stretches, int from, int to)
    {
        if (from >= stretches.Count || to >= stretches.Count || to < 0) return stretches.SelectMany(stretch => stretch);
        var moved = new List<List<Choice>>(stretches);
        var stretch = moved[from];
        moved.RemoveAt(from);
        moved.Insert(to, stretch);
        return moved.SelectMany(choices => choices);
    }

    private static List<List<Choice>> Stretches(Execution execution)
    {
        var stretches = new List<List<Choice>>();
        foreach (var choice in execution.Choices)
        {
            if (stretches.Count == 0 || stretches[^1][0].Task != choice.Task) stretches.Add([]);
            stretches[^1].Add(choice);
        }

        return stretches;
    }

    private Execution Try(Execution best, IEnumerable<Choice> choices)
    {
        if (IsSpent()) return best;
        _left--;
        var tried = explorer.Replay([.. choices], lenient: true);
        return tried.Finding?.Fingerprint == best.Finding!.Fingerprint && Cost(tried).CompareTo(Cost(best)) < 0 ? tried : best;
    }

    private bool IsSpent() => _left <= 0 || stop?.Invoke() == true;

    private static (int Switches, int Steps) Cost(Execution execution) => (execution.Switches, execution.Trace.Count);
}
