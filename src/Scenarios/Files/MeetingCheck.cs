namespace GmemActors.Scenarios.Files;

/// <summary>Finds out whether the labels and barriers of a file let every task come to its end, if its operations do.</summary>
internal sealed class MeetingCheck(IReadOnlyList<TaskText> tasks, IReadOnlyList<(Place Place, AfterText After)> waits)
{
    private readonly SortedSet<string> _passed = new(StringComparer.Ordinal);
    private readonly int[] _at = new int[tasks.Count];
    private readonly bool[] _waits = new bool[tasks.Count];

    /// <summary>Lets every task go as far as it can.</summary>
    /// <exception cref="ScenarioFileException">A task would wait for ever.</exception>
    internal void Run()
    {
        var labels = tasks.SelectMany(task => task.Steps).OfType<LabelText>().Select(label => label.Name).ToList();
        if (labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ScenarioFileException(Place.Start, $"two labels '{twice.Key}'", "one of a name in each task");
        }

        foreach (var (place, after) in waits)
        {
            if (!labels.Contains(after.Label)) throw ScenarioFileException.Unknown(place, after.Label, "a label, as TASK.LABEL", labels);
        }

        CheckBarriers();
        for (var isMoving = true; isMoving;)
        {
            isMoving = false;
            for (var i = 0; i < tasks.Count; i++) isMoving |= GoesOn(i);
        }

        var stuck = Array.FindIndex(_at, at => at >= 0);
        if (stuck < 0) return;
        var ring = waits.FirstOrDefault(wait => !_passed.Contains(wait.After.Label) && Names(tasks[stuck].Steps[_at[stuck]], wait.After.Label));
        throw new ScenarioFileException(
            ring.After is null ? Place.Start : ring.Place,
            $"task '{tasks[stuck].Name}', which would wait for ever",
            "an order of labels and barriers in which every task can go on");
    }

    private void CheckBarriers()
    {
        foreach (var task in tasks)
        {
            var twice = task.Steps.OfType<BarrierText>().GroupBy(barrier => barrier.Name).FirstOrDefault(group => group.Count() > 1);
            if (twice is not null) throw new ScenarioFileException(Place.Start, $"barrier '{twice.Key}' twice in task '{task.Name}'", "each once");
        }

        foreach (var barrier in tasks.SelectMany(task => task.Steps).OfType<BarrierText>().GroupBy(barrier => barrier.Name))
        {
            if (barrier.Count() == 1) throw new ScenarioFileException(Place.Start, $"barrier '{barrier.Key}' in one task only", "at least two that meet");
        }
    }

    private bool GoesOn(int index)
    {
        var steps = tasks[index].Steps;
        if (_at[index] < 0 || !CanPass(index, steps[_at[index]])) return false;
        if (steps[_at[index]] is LabelText label) _passed.Add(label.Name);
        _waits[index] = false;
        if (++_at[index] == steps.Count) _at[index] = -1;
        return true;
    }

    private bool CanPass(int index, StepText step)
    {
        if (step is not BarrierText barrier) return Waits(step).All(_passed.Contains);
        if (!_waits[index]) (_waits[index], _) = (true, _passed.Add($"{tasks[index].Name}@{barrier.Name}"));
        return tasks.Where(task => task.Steps.Contains(barrier)).All(task => _passed.Contains($"{task.Name}@{barrier.Name}"));
    }

    private static bool Names(StepText step, string label) => Waits(step).Contains(label);

    private static IEnumerable<string> Waits(StepText step) => step switch
    {
        AfterText after => [after.Label],
        RepeatText repeat => repeat.Steps.SelectMany(Waits),
        RetryText retry => retry.Steps.SelectMany(Waits),
        OneOfText oneOf => oneOf.Ways.SelectMany(way => way).SelectMany(Waits),
        _ => [],
    };
}
