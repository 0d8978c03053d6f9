using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

/// <summary>Reads a scenario file: every name looked up, every number checked, nothing left to go wrong when it runs.</summary>
public sealed partial class ScenarioParser
{
    /// <summary>The keys of a file, in the order in which it is written.</summary>
    internal static readonly string[] Keys =
    [
        "scenario", "point", "kernels", "needs", "machine", "user_memory", "inodes", "vms", "files", "tasks",
        "sometimes", "never", "finally", "shows", "may_show",
    ];

    /// <summary>The pattern of a scenario's name.</summary>
    internal const string NamePattern = "[a-z0-9][a-z0-9-]{0,63}";

    private readonly Fields _file;
    private ObjectNames _names = new([], [], []);

    private ScenarioParser(YamlNode root) => _file = new(root, "a scenario", Keys);

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="file">What it says.</param>
    /// <param name="error">Where it is wrong: <c>line:column: found X; expected Y</c>.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ScenarioFile? file, [NotNullWhen(false)] out string? error)
    {
        try
        {
            (file, error) = (Parse(text), null);
            return true;
        }
        catch (ScenarioFileException exception)
        {
            (file, error) = (null, exception.Message);
            return false;
        }
    }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="ScenarioFileException">It is no scenario.</exception>
    public static ScenarioFile Parse(string text) => new ScenarioParser(YamlReader.Read(text)).ReadFile();

    private ScenarioFile ReadFile()
    {
        var file = new ScenarioFile
        {
            Name = ReadName(),
            Point = ReadPoint(),
            Kernels = ReadNames("kernels", "a kernel version", KernelVersion.All.Select(version => version.Name)),
            Needs = ReadNames("needs", "a field of kernel versions", KernelVersion.All[0].Fields.Select(field => field.Key)),
            Machine = ReadMachine(),
        };
        file = ReadObjects(file);
        file = file with { Tasks = ReadTasks() };
        file = file with
        {
            Sometimes = ReadConditions("sometimes", mayBeEvent: true),
            Never = ReadConditions("never", mayBeEvent: false),
            Finally = ReadConditions("finally", mayBeEvent: false),
        };
        CheckClaims(file);
        file = file with { Shows = ReadShows(file), MayShow = ReadMayShow(file) };
        CheckOnStage(file);
        return file;
    }

    private string ReadName()
    {
        var node = _file.Get("scenario");
        const string expected = "a name of small letters, digits and '-', at most 64";
        var word = Word.Of(node, expected);
        return ScenarioName().IsMatch(word.Letters) ? word.Letters : throw new ScenarioFileException(word.Place, word.What, expected);
    }

    private string ReadPoint()
    {
        const string expected = "a sentence that says what the scenario is about";
        var text = Word.Text(_file.Get("point"), expected);
        return text.Text.Contains(' ', StringComparison.Ordinal) ? text.Text.TrimEnd('\n') : throw new ScenarioFileException(text.Place, text.What, expected);
    }

    private List<string> ReadNames(string key, string what, IEnumerable<string> known)
    {
        if (_file.Find(key) is not { } node) return [];
        var all = known.ToList();
        var names = new List<string>();
        foreach (var word in Items(node, what).Select(item => Word.Of(item, what)))
        {
            if (!all.Contains(word.Letters)) throw ScenarioFileException.Unknown(word.Place, word.Letters, what, all);
            if (names.Contains(word.Letters)) throw new ScenarioFileException(word.Place, $"{word.What} again", "each once");
            names.Add(word.Letters);
        }

        return names;
    }

    // A list, or the only item of one.
    private static IReadOnlyList<YamlNode> Items(YamlNode node, string what) => node switch
    {
        YamlList { Items.Count: > 0 } list => list.Items,
        YamlText => [node],
        YamlList => throw new ScenarioFileException(node.Place, "an empty list", $"{what}, or a list of them"),
        _ => throw new ScenarioFileException(node.Place, node.What, $"{what}, or a list of them"),
    };

    private IReadOnlyList<YamlEntry> Entries(string key, string what, int most) => _file.Find(key) switch
    {
        null => [],
        YamlMap { Entries.Count: > 0 } map when map.Entries.Count <= most => map.Entries,
        YamlMap { Entries.Count: > 0 } map => throw new ScenarioFileException(map.Place, $"{map.Entries.Count} in '{key}'", $"at most {most}"),
        { } other => throw new ScenarioFileException(other.Place, other.What, $"{what}, each by its name"),
    };

    // The last word on what the model can take is the operations' own.
    private void CheckOnStage(ScenarioFile file)
    {
        var stage = new FileScenario(file).SetUp(new World(new RandomWalk(0)), KernelVersion.WithVmAttributes[^1]);
        Vcpu[] vcpus = [.. stage.Vms.Select(vm => stage.CreateVcpu(vm))];
        foreach (var (place, operation, vcpu) in _operations)
        {
            if (operation.Operation.Refuses is not { } refuses) continue;
            var call = new Call(stage, vcpu is null ? null : vcpus[(int)vcpu.Value], operation.Arguments);
            if (refuses(call) is var (found, expected)) throw new ScenarioFileException(place, found, expected);
        }
    }

    [GeneratedRegex($"^{NamePattern}\\z")]
    private static partial Regex ScenarioName();
}
