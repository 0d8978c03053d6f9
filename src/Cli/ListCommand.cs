using System.CommandLine;
using System.Text.Json;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary><c>gmem list</c>: what there is, by name.</summary>
internal static class ListCommand
{
    private static readonly string[] Nouns = ["scenarios", "bugs", "kernels", "strategies", "properties", "operations"];

    internal static Command Create(Session session)
    {
        var nouns = string.Join('|', Nouns);
        var noun = Options.Argument<string?>(nouns, ArgumentArity.ZeroOrOne, "What to list; an overview if not given.");
        var json = Options.Json();
        var command = new Command("list", "Shows scenarios, bugs, kernels, strategies, properties and operations.") { noun, json };
        command.SetAction(parsed => Run(session, parsed.GetValue(noun), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Session session, string? noun, bool asJson)
    {
        if (noun is not null && !Nouns.Contains(noun))
        {
            throw new MisuseException($"there is no list of {Names.Meant(noun, Nouns, $"there are: {string.Join(", ", Nouns)}")}");
        }

        var (laboratory, output) = (session.Laboratory.Value, session.Output);
        string[] nouns = noun is null ? Nouns : [noun];
        var lists = nouns.Select(name => (name, Entries(laboratory, name))).ToList();
        if (asJson) WriteJson(output, lists);
        else if (noun is null) WriteOverview(output, lists);
        else WriteEntries(output, Entries(laboratory, noun), withFacts: noun == "kernels");
        if (!asJson) output.WriteLine($"\nnext: gmem {(noun is null ? "list scenarios" : $"explore {laboratory.Subjects[0].Name}")}");
        return ExitCode.Success;
    }

    private static IReadOnlyList<Entry> Entries(Laboratory laboratory, string noun) => noun switch
    {
        "scenarios" => [.. laboratory.Subjects.Select(ToEntry)],
        "bugs" => laboratory.Bugs,
        "kernels" => laboratory.Kernels,
        "operations" => laboratory.Operations,
        "strategies" => [.. Strategies.All.Select(kind => new Entry(kind.Name, kind.Summary, [new("usage", kind.Usage)]))],
        _ => Properties(laboratory),
    };

    private static Entry ToEntry(Subject subject) =>
        new(subject.Name, subject.Point, [new("kernels", string.Join(", ", subject.Kernels))]);

    private static Entry ToEntry(string property, PropertyKind kind, List<string> scenarios)
    {
        var name = kind.ToString().ToLowerInvariant();
        return new(
            property,
            $"{name}, in {Figures.Count(scenarios.Count, "scenario")}",
            [new("kind", name), new("scenarios", string.Join(", ", scenarios))]);
    }

    private static List<Entry> Properties(Laboratory laboratory)
    {
        var scenarios = new SortedDictionary<string, (PropertyKind Kind, List<string> In)>(StringComparer.Ordinal);
        foreach (var subject in laboratory.Subjects)
        {
            var world = new World(new RandomWalk(0));
            subject.In(subject.Kernels[^1], []).Model.Build(world);
            foreach (var property in world.Properties)
            {
                if (!scenarios.TryGetValue(property.Name, out var known)) scenarios[property.Name] = known = (property.Kind, []);
                if (!known.In.Contains(subject.Name)) known.In.Add(subject.Name);
            }
        }

        return [.. scenarios.Select(entry => ToEntry(entry.Key, entry.Value.Kind, entry.Value.In))];
    }

    private static void WriteOverview(System.IO.TextWriter output, List<(string Name, IReadOnlyList<Entry> Entries)> lists)
    {
        foreach (var (name, entries) in lists)
        {
            var names = string.Join(", ", entries.Take(4).Select(entry => entry.Name));
            output.WriteLine($"{name,-10}  {entries.Count,4}  {names}{(entries.Count > 4 ? ", …" : "")}");
        }
    }

    private static void WriteEntries(System.IO.TextWriter output, IReadOnlyList<Entry> entries, bool withFacts)
    {
        var width = entries.Select(entry => entry.Name.Length).DefaultIfEmpty().Max();
        foreach (var entry in entries)
        {
            output.WriteLine($"{entry.Name.PadRight(width)}  {entry.Summary}");
            if (!withFacts) continue;
            foreach (var (name, value) in entry.Facts) output.WriteLine($"{new string(' ', width)}    {name}: {value}");
        }
    }

    private static void WriteJson(System.IO.TextWriter output, List<(string Name, IReadOnlyList<Entry> Entries)> lists) =>
        JsonText.Write(output, json =>
        {
            foreach (var (name, entries) in lists)
            {
                json.WriteStartArray(name);
                foreach (var entry in entries) WriteEntry(json, entry);
                json.WriteEndArray();
            }
        });

    private static void WriteEntry(Utf8JsonWriter json, Entry entry)
    {
        json.WriteStartObject();
        json.WriteString("name", entry.Name);
        json.WriteString("summary", entry.Summary);
        foreach (var (name, value) in entry.Facts) json.WriteString(name, value);
        json.WriteEndObject();
    }
}
