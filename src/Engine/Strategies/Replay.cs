namespace GmemActors.Engine;

/// <summary>Follows a recorded schedule, through small changes of the model where that is possible.</summary>
/// <remarks>
/// A message that the recording does not have, sent by the task whose turn it is, is delivered (the path got a step); a
/// recorded message that the task skips is passed over (the path lost one), and so is one that the task does not come to on
/// a whole way round a retry loop: it may wait for somebody whose turn comes later. Beyond the recorded end each task runs on
/// while it can. Choices of data belong to their task, wherever in its path they fell. A lenient replay passes over what a
/// task cannot do because it waits or is not there; a strict one stops there and says why.
/// </remarks>
internal sealed class Replay(IReadOnlyList<Choice> choices, bool lenient = false) : Strategy(0)
{
    private readonly List<Delivery> _deliveries = [.. choices.OfType<Delivery>()];
    private readonly List<DataChoice> _data = [.. choices.OfType<DataChoice>()];
    private int _at;
    private KernelTask? _current;
    private bool _yields;
    private int _insertedAt = -1;
    private KernelTask? _looping;

    /// <summary>The world that replays; to be set before it runs.</summary>
    internal World World { get; set; } = null!;

    /// <summary>Recorded choices that had no counterpart in this model.</summary>
    internal int Skipped { get; private set; }

    /// <summary>Choices of this model that were not recorded.</summary>
    internal int Inserted { get; private set; }

    /// <inheritdoc/>
    public override Pending Next(EnabledSet enabled)
    {
        while (_at < _deliveries.Count)
        {
            var wanted = _deliveries[_at];
            var next = Candidate(enabled, wanted);
            if (next is null)
            {
                if (!lenient && TaskOf(wanted) is not { HasExited: true }) throw new OffTheRailsException(_at + 1, wanted, Why(wanted));
                Skip();
                continue;
            }

            if (wanted.Is(next))
            {
                _at++;
                _looping = null;
            }
            else if (next.Sender == _looping || IsLater(next))
            {
                Skip();
                continue;
            }
            else
            {
                Inserted++;
                _insertedAt = _at;
            }

            return Run(next);
        }

        return Run(GoOn(enabled));
    }

    /// <inheritdoc/>
    public override int Choose(KernelTask task, int count, string what)
    {
        var at = _data.FindIndex(recorded => recorded.Task == task.Name && recorded.What == what);
        if (at >= 0 && _data[at].Chosen < count)
        {
            var chosen = _data[at].Chosen;
            _data.RemoveAt(at);
            return chosen;
        }

        if (_at < _deliveries.Count) Inserted++;
        return 0;
    }

    /// <inheritdoc/>
    public override void Retried(KernelTask task)
    {
        _yields = task == _current;
        if (_yields && _insertedAt == _at) _looping = task;
    }

    private static Pending? Candidate(EnabledSet enabled, Delivery wanted)
    {
        Pending? sameTask = null;
        foreach (var pending in enabled)
        {
            if (wanted.Is(pending)) return pending;
            if (pending.Sender.Name == wanted.Task && !pending.IsTell) sameTask = pending;
        }

        return sameTask;
    }

    // Whether the recording has this message of this task soon: then the path lost the steps before it.
    private bool IsLater(Pending pending)
    {
        var seen = 0;
        for (var i = _at + 1; i < _deliveries.Count && seen < 8; i++)
        {
            if (_deliveries[i].Task != pending.Sender.Name) continue;
            if (_deliveries[i].Is(pending)) return true;
            seen++;
        }

        return false;
    }

    private KernelTask? TaskOf(Delivery wanted) => World.Tasks.FirstOrDefault(task => task.Name == wanted.Task);

    private string Why(Delivery wanted)
    {
        if (TaskOf(wanted) is not { } task) return $"there is no {wanted.Task}";
        return task.Request is null ? $"{task.Name} waits for no reply" : WaitForGraph.Everybody([task])[0].ToString();
    }

    private void Skip()
    {
        Skipped++;
        _at++;
    }

    private Pending Run(Pending next)
    {
        _current = next.Sender;
        if (_current != _looping) _looping = null;
        _yields = false;
        return next;
    }

    private Pending GoOn(EnabledSet enabled)
    {
        Pending? best = null;
        foreach (var pending in enabled)
        {
            if (best is null || Rank(pending) < Rank(best)) best = pending;
        }

        return best!;
    }

    // The current task first; when it is blocked, or goes back to try again, the next in the order of their numbers.
    private int Rank(Pending pending)
    {
        if (_current is null) return pending.Sender.Id;
        var distance = pending.Sender.Id - _current.Id;
        if (distance < 0 || (distance == 0 && _yields)) distance += int.MaxValue / 2;
        return distance;
    }
}
