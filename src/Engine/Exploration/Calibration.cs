namespace GmemActors.Engine;

/// <summary>How long the executions of a model are, and who speaks how often to whom: what some strategies must know beforehand.</summary>
/// <remarks>A pure function of the model: measured in a few random walks of fixed seeds, never in the executions that explore.</remarks>
public sealed class Calibration
{
    private const int Executions = 8;
    private const long EnoughSteps = 200_000;

    private readonly int[] _steps;
    private readonly int[][] _messages;

    private Calibration(int choices, int taskChoices, int[] steps, int[][] messages)
    {
        Choices = Math.Max(1, choices);
        TaskChoices = Math.Max(1, taskChoices);
        _steps = steps;
        _messages = messages;
        ContestedActors = [.. Enumerable.Range(0, messages.Length).Where(actor => messages[actor].Count(n => n > 0) > 1)];
    }

    /// <summary>The steps with more than one message to choose from, in the longest of the walks; at least 1.</summary>
    public int Choices { get; }

    /// <summary>The steps with messages of more than one task to choose from, in the longest of the walks; at least 1.</summary>
    public int TaskChoices { get; }

    /// <summary>How many tasks were seen to take a step: their ids are below this.</summary>
    public int TaskCount => _steps.Length;

    /// <summary>The ids of the actors, tasks apart, that more than one task speaks to, in ascending order.</summary>
    public IReadOnlyList<int> ContestedActors { get; }

    /// <summary>The steps of a task, on average over the walks, rounded up; 0 for one that was not seen.</summary>
    public int StepsOf(int task) => At(_steps, task);

    /// <summary>The messages of a task to an actor, on average over the walks, rounded up; 0 for what was not seen.</summary>
    /// <param name="task">The task's id.</param>
    /// <param name="actor">The id of an actor that is not a task.</param>
    public int MessagesOf(int task, int actor) => actor >= 0 && actor < _messages.Length ? At(_messages[actor], task) : 0;

    /// <summary>Measures a model.</summary>
    /// <remarks>A walk that ends in a finding counts for as far as it came.</remarks>
    public static Calibration Of(Model model)
    {
        var (choices, taskChoices, total, walks) = (0, 0, 0L, 0);
        var (steps, messages) = (new List<int>(), new List<List<int>>());
        while (walks < Executions && total < EnoughSteps)
        {
            var walk = new MeasuredWalk((ulong)walks, steps, messages);
            var world = new World(walk, model.StepLimit);
            model.Build(world);
            world.Run();
            (choices, taskChoices) = (Math.Max(choices, walk.Choices), Math.Max(taskChoices, walk.TaskChoices));
            total += world.Step;
            walks++;
        }

        return new(choices, taskChoices, Averages(steps, walks), [.. messages.Select(tasks => Averages(tasks, walks))]);
    }

    private static int At(int[] counts, int index) => index < counts.Length ? counts[index] : 0;

    private static int[] Averages(List<int> sums, int walks) => [.. sums.Select(sum => (sum + walks - 1) / walks)];

    /// <summary>A random walk that adds up what it delivers.</summary>
    private sealed class MeasuredWalk(ulong seed, List<int> steps, List<List<int>> messages) : Strategy(seed)
    {
        private readonly RandomWalk _walk = new(seed);

        internal int Choices { get; private set; }

        internal int TaskChoices { get; private set; }

        public override Pending Next(EnabledSet enabled)
        {
            if (enabled.Count > 1) Choices++;
            if (HasSeveralSenders(enabled)) TaskChoices++;
            var next = _walk.Next(enabled);
            Increment(steps, next.Sender.Id);
            if (next.Target is not KernelTask) Increment(CountsOf(next.Target.Id), next.Sender.Id);
            return next;
        }

        private static bool HasSeveralSenders(EnabledSet enabled)
        {
            KernelTask? first = null;
            foreach (var pending in enabled)
            {
                first ??= pending.Sender;
                if (pending.Sender != first) return true;
            }

            return false;
        }

        private static void Increment(List<int> counts, int index)
        {
            while (counts.Count <= index) counts.Add(0);
            counts[index]++;
        }

        private List<int> CountsOf(int actor)
        {
            while (messages.Count <= actor) messages.Add([]);
            return messages[actor];
        }
    }
}
