using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

public sealed partial class ScenarioParser
{
    private const int MostConditions = 64;

    private static readonly (string Word, Comparison Comparison)[] Comparisons =
        [("==", Comparison.Equal), ("!=", Comparison.NotEqual), ("<", Comparison.Less), (">", Comparison.Greater)];

    /// <summary>The kinds of findings: part of the interface of <c>--json</c>.</summary>
    internal static IReadOnlyList<string> Kinds { get; } =
    [
        .. from type in typeof(Finding).Assembly.GetTypes()
           where type.IsSubclassOf(typeof(Finding)) && !type.IsAbstract
           select ((Finding)RuntimeHelpers.GetUninitializedObject(type)).Kind into kind
           orderby kind
           select kind,
    ];

    /// <summary>What must hold in every scenario.</summary>
    internal static IReadOnlyList<string> Properties { get; } =
    [
        .. from type in typeof(KernelProperties).Assembly.GetTypes()
           where type.Namespace == typeof(KernelProperties).Namespace && type.Name.EndsWith("Properties", StringComparison.Ordinal)
           orderby type.Name
           from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
           where field.IsLiteral && field.FieldType == typeof(string)
           select (string)field.GetRawConstantValue()!,
    ];

    private IReadOnlyList<Claim> ReadConditions(string key, bool mayBeEvent)
    {
        if (_file.Find(key) is not { } node) return [];
        var items = node is YamlMap ? [node] : Items(node, "a condition");
        if (items.Count > MostConditions) throw new ScenarioFileException(node.Place, $"{items.Count} conditions", $"at most {MostConditions}");
        return [.. items.Select(item => ReadCondition(item, mayBeEvent)).Select(condition => mayBeEvent ? condition : condition with { Name = $"{key} {condition.Name}" })];
    }

    private Claim ReadCondition(YamlNode node, bool mayBeEvent)
    {
        if (node is not YamlMap map) return ReadCondition(null, node, mayBeEvent);
        return map.Entries is [var (key, value)]
            ? ReadCondition(Word.Text(key, "what the condition says, in words"), value, mayBeEvent)
            : throw new ScenarioFileException(node.Place, node.What, "a condition, or 'what it says in words: condition'");
    }

    private Claim ReadCondition(YamlText? sentence, YamlNode node, bool mayBeEvent)
    {
        var text = Word.Text(node, "a condition");
        var words = Word.AllOf(text);
        if (words.Count == 0) throw new ScenarioFileException(text.Place, "nothing", "a condition");
        var joined = string.Join(' ', words.Select(word => word.Letters));
        if (words.Count == 1 && mayBeEvent && !words[0].Letters.Contains('(', StringComparison.Ordinal))
        {
            var what = Vocabulary.EventOf(words[0].Letters);
            if (what is not null && sentence is not null) throw new ScenarioFileException(words[0].Place, words[0].What, "an event without words of its own");
            return what is not null
                ? new(what, null, joined, what, [])
                : throw ScenarioFileException.Unknown(words[0].Place, words[0].Letters, "an event, or a condition", Vocabulary.NamedEvents.Select(known => known.Key));
        }

        var terms = new List<Term>();
        for (var rest = words; ;)
        {
            var end = rest.FindIndex(word => word.Letters == "and");
            terms.Add(ReadTerm(text.Place, end < 0 ? rest : rest[..end]));
            if (end < 0) break;
            rest = rest[(end + 1)..];
        }

        return new(sentence?.Text ?? joined, sentence?.Text, joined, null, terms);
    }

    private Term ReadTerm(Place place, List<Word> words)
    {
        var isNot = words is [{ Letters: "not" }, ..];
        if (isNot) words = words[1..];
        if (words.Count == 0) throw new ScenarioFileException(place, "nothing beside 'and' or 'not'", "a condition");
        return words[0].Letters.Contains('(', StringComparison.Ordinal) ? ReadNumber(words, isNot) : ReadStatement(words, isNot);
    }

    private Term ReadStatement(List<Word> words, bool isNot)
    {
        var statements = Vocabulary.Predicates.Where(known => !known.IsNumber);
        var predicate = words.Count < 2 ? null : statements.FirstOrDefault(known => known.Name == words[1].Letters);
        if (predicate is null)
        {
            var word = words[words.Count < 2 ? 0 : 1];
            throw words.Count < 2
                ? new(word.Place, word.What, "a condition such as 'vm0 maps 0x1000' or 'pages(inode0) == 0'")
                : ScenarioFileException.Unknown(word.Place, word.Letters, "what can be said of the state", statements.Select(known => known.Name));
        }

        var subject = predicate.Subject.Read(words[0].Place, words[0].Letters, _names);
        return new(predicate, [subject, .. ReadArguments(predicate.Parameters, predicate.Usage, words[1], words[2..])], isNot, Comparison.None, 0);
    }

    private Term ReadNumber(List<Word> words, bool isNot)
    {
        var (letters, place) = (words[0].Letters, words[0].Place);
        var open = letters.IndexOf('(', StringComparison.Ordinal);
        var numbers = Vocabulary.Predicates.Where(known => known.IsNumber);
        var number = numbers.FirstOrDefault(known => known.Name == letters[..open])
            ?? throw ScenarioFileException.Unknown(place, letters[..open], "a number of the state", numbers.Select(known => known.Name));
        if (!letters.EndsWith(')')) throw new ScenarioFileException(place, words[0].What, $"'{number.Usage}'");
        var subject = number.Subject.Read(place.Right(open + 1), letters[(open + 1)..^1], _names);
        if (words.Count != 3) throw new ScenarioFileException(place, words.Count == 1 ? "no comparison" : $"{words.Count} words", $"'{number.Usage}'");
        var compared = Array.Find(Comparisons, known => known.Word == words[1].Letters);
        if (compared.Word is null) throw new ScenarioFileException(words[1].Place, words[1].What, $"a comparison: {string.Join(", ", Comparisons.Select(known => known.Word))}");
        return int.TryParse(words[2].Letters, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var with)
            ? new(number, [subject], isNot, compared.Comparison, with)
            : throw new ScenarioFileException(words[2].Place, words[2].What, "a number");
    }

    private void CheckClaims(ScenarioFile file)
    {
        var claims = file.Sometimes.Concat(file.Never).Concat(file.Finally).Select(condition => condition.Name).ToList();
        if (claims.GroupBy(claim => claim).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ScenarioFileException((_file.Find("sometimes") ?? _file.Find("never") ?? _file.Get("finally")).Place, $"'{twice.Key}' twice", "each condition once");
        }
    }

    private ExpectedFinding? ReadShows(ScenarioFile file)
    {
        const string what = "what is found, as 'BUG: {KIND: CAUSE}'";
        if (_file.Find("shows") is not { } node) return null;
        return node is YamlMap { Entries: [var (key, value)] } && value is YamlMap
            ? ReadExpected(file, key, value)
            : throw new ScenarioFileException(node.Place, node.What, what);
    }

    private IReadOnlyList<ExpectedFinding> ReadMayShow(ScenarioFile file)
    {
        const string what = "findings, as 'BUG:' with a list of 'KIND: CAUSE'";
        if (_file.Find("may_show") is not { } node) return [];
        if (node is not YamlMap map) throw new ScenarioFileException(node.Place, node.What, what);
        return
        [
            .. from entry in map.Entries
               from item in entry.Value is YamlList list ? list.Items : [entry.Value]
               select ReadExpected(file, entry.Key, item),
        ];
    }

    private static ExpectedFinding ReadExpected(ScenarioFile file, YamlText owner, YamlNode node)
    {
        if (node is not YamlMap { Entries: [var (kind, value)] }) throw new ScenarioFileException(node.Place, node.What, "one finding, as 'KIND: CAUSE'");
        var (bug, kernel) = (Bug.Find(owner.Text), KernelVersion.Find(owner.Text));
        if (bug is null && kernel is null)
        {
            var known = Bug.All.Select(one => one.Name).Concat(KernelVersion.All.Select(version => version.Name));
            throw ScenarioFileException.Unknown(owner.Place, owner.Text, "a bug, or a kernel version", known);
        }

        if (!Kinds.Contains(kind.Text)) throw ScenarioFileException.Unknown(kind.Place, kind.Text, "the kind of a finding", Kinds);
        var cause = Word.Text(value, "the cause of a finding");
        if (kind.Text == "property")
        {
            var claims = Properties.Concat(file.Never.Concat(file.Finally).Select(condition => condition.Name)).ToList();
            if (!claims.Contains(cause.Text)) throw ScenarioFileException.Unknown(cause.Place, cause.Text, "a property", claims);
        }

        return new(bug, kind.Text, cause.Text) { Kernel = bug is null ? kernel!.Name : null };
    }
}
