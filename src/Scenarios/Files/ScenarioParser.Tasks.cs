using GmemActors.Actors;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

public sealed partial class ScenarioParser
{
    /// <summary>As many operations as all tasks may do together, repetitions counted.</summary>
    internal const int MostOperations = 10_000;

    private const int MostTasks = 32;
    private const int MostRepetitions = 1000;
    private const string Repeat = "repeat ";
    private const string Retry = "retry while ";
    private const string OneOf = "one of";

    private readonly List<(Place Place, OperationText Operation, Argument? Vcpu)> _operations = [];
    private readonly List<(Place Place, AfterText After)> _waits = [];
    private string _task = "";
    private Argument? _vcpu;
    private long _times = 1;
    private long _count;

    private List<TaskText> ReadTasks()
    {
        var entries = Entries("tasks", "tasks", MostTasks);
        if (entries.Count == 0) throw new ScenarioFileException(Place.Start, "a scenario without 'tasks'", "somebody who acts");
        foreach (var entry in entries) Declare(entry.Key, "a task");
        var tasks = entries.Select(ReadTask).ToList();
        new MeetingCheck(tasks, _waits).Run();
        return tasks;
    }

    private TaskText ReadTask(YamlEntry entry)
    {
        (_task, _vcpu) = (entry.Key.Text, null);
        if (entry.Value is YamlList list) return new(_task, null, false, ReadSteps(list, isTop: true));
        var fields = new Fields(entry.Value, "a task", "vcpu", "on_memory_fault", "does");
        _vcpu = fields.Find("vcpu") is { } vcpu ? ReadName(vcpu, ArgumentType.Vm) : null;
        var converts = false;
        if (fields.Find("on_memory_fault") is { } answer)
        {
            string[] answers = ["stop", "convert"];
            var word = Word.Of(answer, "what a memory fault comes to");
            if (!answers.Contains(word.Letters)) throw ScenarioFileException.Unknown(word.Place, word.Letters, "what a memory fault comes to", answers);
            if (_vcpu is null) throw new ScenarioFileException(answer.Place, "'on_memory_fault' in a task without a vCPU", "'vcpu: VM'");
            converts = word.Letters == answers[1];
        }

        return new(_task, _vcpu, converts, ReadSteps(fields.Get("does"), isTop: true));
    }

    private List<StepText> ReadSteps(YamlNode node, bool isTop = false)
    {
        const string expected = "a list of operations";
        if (node is not YamlList list) throw new ScenarioFileException(node.Place, node.What, expected);
        if (list.Items.Count == 0) throw new ScenarioFileException(node.Place, "an empty list", expected);
        return [.. list.Items.Select(item => ReadStep(item, isTop))];
    }

    private StepText ReadStep(YamlNode node, bool isTop) => node switch
    {
        YamlText text => ReadOperation(text),
        YamlMap { Entries: [var (key, value)] } => ReadSteering(key, value, isTop),
        _ => throw new ScenarioFileException(node.Place, node.What, "an operation, or one of: repeat N, retry while ERRNO, one of, after, label, barrier"),
    };

    private StepText ReadSteering(YamlText key, YamlNode value, bool isTop)
    {
        string[] known = ["repeat", "retry while", OneOf, "after", "label", "barrier"];
        if (key.Text.StartsWith(Repeat, StringComparison.Ordinal)) return ReadRepeat(key, value);
        if (key.Text.StartsWith(Retry, StringComparison.Ordinal)) return ReadRetry(key, value);
        if (key.Text == OneOf) return new OneOfText(ReadWays(value));
        if (key.Text == "after") return ReadAfter(value);
        if (key.Text is not ("label" or "barrier"))
        {
            var meant = OperationTable.Find(key.Text.Split(' ')[0]) is not null;
            throw meant
                ? new ScenarioFileException(key.Place, $"a ':' behind {key.What}", "an operation without one")
                : ScenarioFileException.Unknown(key.Place, key.Text.Split(' ')[0], "one of the words that steer", known);
        }

        if (!isTop) throw new ScenarioFileException(key.Place, $"'{key.Text}' inside a block", $"'{key.Text}' in the task's own list, so that it is passed once");
        var word = Word.Of(value, $"the name of a {key.Text}");
        var name = Word.NameOf(new(word.Place, word.Letters, word.Place), $"a {key.Text}");
        return key.Text == "label" ? new LabelText($"{_task}.{name}") : new BarrierText(name);
    }

    private RepeatText ReadRepeat(YamlText key, YamlNode value)
    {
        var count = ReadCount(new YamlText(key.PlaceOf(Repeat.Length), key.Text[Repeat.Length..], null), "how many times", MostRepetitions);
        var before = _times;
        _times = Math.Min(_times * count, MostOperations + 1);
        var steps = ReadSteps(value);
        _times = before;
        return new(count, steps);
    }

    private RetryText ReadRetry(YamlText key, YamlNode value)
    {
        var errnos = ReadErrnos(new(key.PlaceOf(Retry.Length), key.Text[Retry.Length..]));
        if (errnos is null || errnos.Contains(Errno.None)) throw new ScenarioFileException(key.PlaceOf(Retry.Length), "success", "an errno such as EAGAIN");
        return new(errnos, ReadSteps(value));
    }

    private List<IReadOnlyList<StepText>> ReadWays(YamlNode value)
    {
        const string expected = "a list of at least two operations, or of lists of them";
        if (value is not YamlList { Items.Count: > 1 } list) throw new ScenarioFileException(value.Place, value.What, expected);
        return [.. list.Items.Select(item => item is YamlList ? ReadSteps(item) : (IReadOnlyList<StepText>)[ReadStep(item, isTop: false)])];
    }

    private AfterText ReadAfter(YamlNode value)
    {
        var word = Word.Of(value, "a label: TASK.LABEL");
        var after = new AfterText(word.Letters);
        _waits.Add((word.Place, after));
        return after;
    }

    private OperationText ReadOperation(YamlText text)
    {
        var words = Word.AllOf(text);
        if (words.Count == 0) throw new ScenarioFileException(text.Place, "nothing", "an operation");
        var operation = OperationTable.Find(words[0].Letters)
            ?? throw ScenarioFileException.Unknown(words[0].Place, words[0].Letters, "an operation", OperationTable.All.Select(known => known.Name));
        if ((operation.IsGuest || operation.IsOfVcpu) && _vcpu is null)
        {
            throw new ScenarioFileException(words[0].Place, $"{words[0].What} in a task without a vCPU", $"'vcpu: VM' in task '{_task}'");
        }

        _count += _times;
        if (_count > MostOperations) throw new ScenarioFileException(words[0].Place, "too many operations", $"at most {MostOperations} in all, repetitions counted");
        var arrow = words.FindIndex(word => word.Letters == "->");
        var results = arrow < 0 ? [Errno.None] : ReadResults(words, arrow);
        var arguments = ReadArguments(operation.Parameters, operation.Usage, words[0], arrow < 0 ? words[1..] : words[1..arrow]);
        var read = new OperationText(operation, arguments, results);
        _operations.Add((words[0].Place, read, _vcpu));
        return read;
    }

    private List<Argument> ReadArguments(IReadOnlyList<Parameter> parameters, string usage, Word name, List<Word> words)
    {
        var least = parameters.Count(parameter => parameter.Default is null);
        if (words.Count < least || words.Count > parameters.Count)
        {
            var place = words.Count > parameters.Count ? words[parameters.Count].Place : name.Place;
            throw new ScenarioFileException(place, $"{words.Count} word{(words.Count == 1 ? "" : "s")} behind '{name.Letters}'", $"'{usage}'");
        }

        return
        [
            .. parameters.Select((parameter, i) => i < words.Count
                ? parameter.Type.Read(words[i].Place, words[i].Letters, _names)
                : parameter.Type.Read(name.Place, parameter.Default!, _names)),
        ];
    }

    private static List<Errno>? ReadResults(List<Word> words, int arrow)
    {
        const string expected = "what the operation may return: OK, an errno, several of them as OK|EAGAIN, or any";
        return words.Count == arrow + 2
            ? ReadErrnos(words[arrow + 1])
            : throw new ScenarioFileException(words[arrow].Place, $"{words.Count - arrow - 1} words behind '->'", expected);
    }

    // Null for any.
    private static List<Errno>? ReadErrnos(Word word)
    {
        if (word.Letters == "any") return null;
        var (errnos, place) = (new List<Errno>(), word.Place);
        foreach (var name in word.Letters.Split('|'))
        {
            var at = Array.IndexOf(ErrnoWords.All, name);
            if (at < 0) throw ScenarioFileException.Unknown(place, name, "OK or an errno", ErrnoWords.All);
            var errno = ErrnoWords.Of(name);
            if (errnos.Contains(errno)) throw new ScenarioFileException(place, $"'{name}' again", "each once");
            errnos.Add(errno);
            place = place.Right(name.Length + 1);
        }

        return errnos;
    }
}
