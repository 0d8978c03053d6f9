namespace GmemActors.Engine;

/// <summary>Runs the executions of a model that seeds and schedules stand for.</summary>
/// <remarks>Lean while it explores, with everything recorded when it replays. May be used by many threads at once.</remarks>
public sealed class Explorer(Model model, Func<ulong, Strategy> strategy)
{
    /// <summary>Runs <paramref name="count"/> seeds from <paramref name="first"/> on and sums up what they showed.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many; fewer are run when a finding stops the exploration.</param>
    /// <param name="ends">Whether a finding ends the exploration; null: every finding does.</param>
    /// <param name="stop">Asked before each execution; null never stops.</param>
    /// <exception cref="InternalErrorException">The model's own code threw; the message names the seed.</exception>
    public Tally Explore(ulong first, long count, Func<Finding, bool>? ends = null, Func<bool>? stop = null)
    {
        var tally = new Tally();
        for (var seed = first; count > 0 && stop?.Invoke() != true; seed++, count--)
        {
            var world = new World(strategy(seed), model.StepLimit, watch: model.Watch);
            var finding = Run(world, seed);
            tally.Add(seed, world, finding);
            if (finding is null || ends?.Invoke(finding) == false) continue;
            tally.WasEnded = true;
            break;
        }

        return tally;
    }

    /// <summary>Runs one seed again with everything recorded.</summary>
    public Execution Replay(ulong seed)
    {
        var recorder = new TraceRecorder();
        var world = new World(strategy(seed), model.StepLimit, recorder, model.Watch);
        var finding = Run(world, seed);
        return ToExecution(world, recorder, finding);
    }

    /// <summary>Runs a recorded schedule with everything recorded.</summary>
    /// <exception cref="OffTheRailsException">The model cannot do what the schedule asks for.</exception>
    public Execution Replay(IReadOnlyList<Choice> choices) => Replay(choices, lenient: false);

    /// <summary>Runs a seed twice with everything recorded; says where the two differ, or null.</summary>
    public string? Difference(ulong seed)
    {
        var (first, second) = (Replay(seed), Replay(seed));
        return first.Fingerprint == second.Fingerprint && first.Finding?.Fingerprint == second.Finding?.Fingerprint
            ? null
            : TraceDifference.Describe(first, second);
    }

    internal Execution Replay(IReadOnlyList<Choice> choices, bool lenient)
    {
        var recorder = new TraceRecorder();
        var replay = new Replay(choices, lenient);
        var world = new World(replay, model.StepLimit, recorder, model.Watch);
        replay.World = world;
        var finding = Run(world, null);
        return ToExecution(world, recorder, finding) with { Skipped = replay.Skipped, Inserted = replay.Inserted };
    }

    private static Execution ToExecution(World world, TraceRecorder recorder, Finding? finding) =>
        new(finding, recorder.Steps, recorder.Choices, recorder.Fingerprint, [.. world.Tasks.Select(task => task.Name)]);

    private Finding? Run(World world, ulong? seed)
    {
        try
        {
            model.Build(world);
            return world.Run();
        }
        catch (Exception exception) when (exception is not OffTheRailsException)
        {
            var where = seed is null ? "" : $", seed {seed}";
            throw new InternalErrorException($"{model.Name}{where}, step {world.Step}: {exception.Message}", exception);
        }
    }
}
