using System.Text.Json;
using System.Text.Json.Nodes;
using GmemActors.Actors;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Files;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Tests.Docs;

/// <summary>The JSON schema of scenario files, for editors: written from the tables that the parser reads with.</summary>
internal static class ScenarioSchema
{
    private const string Result = @"( +-> +[A-Za-z0-9|]+)?\s*$";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static string Write() => Root().ToJsonString(Format) + "\n";

    private static JsonObject Root() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "A scenario of GmemActors",
        ["type"] = "object",
        ["required"] = Array("scenario", "point", "tasks"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["scenario"] = Text($"^\\s*{ScenarioParser.NamePattern}\\s*$", "Its name: in reports, in schedules, on the command line."),
            ["point"] = Text(" ", "What it is about, in one sentence."),
            ["kernels"] = OneOrMore(Enum([.. KernelVersion.All.Select(version => version.Name)], "A kernel version."), "The kernel versions it is for; all if it is not there."),
            ["needs"] = OneOrMore(Enum([.. KernelVersion.All[0].Fields.Select(field => field.Key)], "A field of kernel versions."), "Fields that must say yes in a kernel version that it is for."),
            ["machine"] = Machine(),
            ["user_memory"] = Bytes("The bytes of the memory of the user process, from address 0 on."),
            ["inodes"] = Named(Bytes("Its bytes."), "Inodes, each with its size."),
            ["files"] = Named(Fields(new() { ["vm"] = Name("The VM."), ["inode"] = Name("The inode.") }, "vm", "inode"), "gmem files, open from the start."),
            ["vms"] = Named(Vm(), "VMs."),
            ["tasks"] = Named(AnyOf(Ref("steps"), Task()), "Who acts: host threads, and threads of vCPUs."),
            ["sometimes"] = OneOrMore(Ref("condition"), $"What must happen in some execution: a condition, or an event ({string.Join(", ", Vocabulary.NamedEvents.Select(known => known.Key))})."),
            ["never"] = OneOrMore(Ref("condition"), "What must not hold after any step."),
            ["finally"] = OneOrMore(Ref("condition"), "What must hold when every task has ended."),
            ["shows"] = Findings(Ref("finding"), "The finding that it is there for, by the bug or the version that it is found in."),
            ["may_show"] = Findings(AnyOf(Ref("finding"), List(Ref("finding"))), "Findings that are no surprise, by bug or version."),
        },
        ["$defs"] = new JsonObject
        {
            ["condition"] = AnyOf(
                Text(@"\S", "A condition: 'vm0 maps 0x1000', 'pages(inode0) == 0', several of them with 'and', 'not' before one."),
                new JsonObject { ["type"] = "object", ["minProperties"] = 1, ["maxProperties"] = 1, ["additionalProperties"] = Text(@"\S", "The condition."), ["description"] = "What it says in words, then the condition." }),
            ["finding"] = Finding(),
            ["steps"] = List(Ref("step")),
            ["step"] = AnyOf([.. OperationTable.All.Select(Operation), Steering()]),
        },
    };

    private static JsonObject Machine()
    {
        var type = Enum([.. MachineWords.Kinds.Select(kind => kind.Word)], string.Join("; ", MachineWords.Kinds.Select(kind => $"{kind.Word}: {kind.Summary}")));
        return AnyOf(type, Fields(new()
        {
            ["type"] = type.DeepClone(),
            ["frames"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["description"] = "How many frames the host has; enough if it is not there." },
            ["faults"] = OneOrMore(Enum([.. MachineWords.Faults.Select(fault => fault.Word)], "A kind of fault."), "What fails though nothing is wrong with it."),
        }));
    }

    private static JsonObject Vm() => Fields(
        new()
        {
            ["memory"] = Range("The addresses that the guest can name."),
            ["private"] = AnyOf(Enum(["all"], "All of them."), OneOrMore(Range("A range."), "What is private from the start.")),
            ["slots"] = new JsonObject
            {
                ["type"] = "object",
                ["description"] = "Memslots, by number.",
                ["additionalProperties"] = false,
                ["patternProperties"] = new JsonObject
                {
                    ["^[0-9]+$"] = Fields(
                        new()
                        {
                            ["range"] = Range("Its addresses."),
                            ["file"] = Name("The gmem file that it is bound to."),
                            ["offset"] = Bytes("The byte of the file at its first address."),
                            ["hva"] = Bytes("The user's address of its first byte."),
                        },
                        "range"),
                },
            },
        },
        "memory");

    private static JsonObject Task() => Fields(
        new()
        {
            ["vcpu"] = Name("The VM whose vCPU it runs."),
            ["on_memory_fault"] = Enum(["stop", "convert"], "What a memory fault of the guest comes to."),
            ["does"] = Ref("steps"),
        },
        "does");

    private static JsonObject Operation(Operation operation)
    {
        var parameters = string.Concat(operation.Parameters.Select(parameter =>
            parameter.Default is null ? $" +{parameter.Type.Pattern}" : $"( +{parameter.Type.Pattern}"));
        var ends = string.Concat(operation.Parameters.Where(parameter => parameter.Default is not null).Select(_ => ")?"));
        return Text($@"^\s*{operation.Name}{parameters}{ends}{Result}", $"{operation.Usage} — {operation.Summary}");
    }

    private static JsonObject Steering() => new()
    {
        ["type"] = "object",
        ["minProperties"] = 1,
        ["maxProperties"] = 1,
        ["additionalProperties"] = false,
        ["patternProperties"] = new JsonObject
        {
            [@"^repeat +[0-9]+\s*$"] = Ref("steps"),
            [@"^retry while +[A-Z0-9|]+\s*$"] = Ref("steps"),
            ["^one of$"] = new JsonObject { ["type"] = "array", ["minItems"] = 2, ["items"] = AnyOf(Ref("step"), Ref("steps")) },
            ["^after$"] = Text(@"\.", "TASK.LABEL: waits until that task has come there."),
            ["^label$"] = Name("A place that others can wait for."),
            ["^barrier$"] = Name("Waits until all tasks that name it have come there."),
        },
    };

    private static JsonObject Finding() => new()
    {
        ["type"] = "object",
        ["minProperties"] = 1,
        ["maxProperties"] = 1,
        ["additionalProperties"] = false,
        ["description"] = "The kind of the finding, and its cause as reports print it.",
        ["patternProperties"] = new JsonObject { [$"^({string.Join('|', ScenarioParser.Kinds)})$"] = Text(@"\S", "The cause.") },
    };

    private static JsonObject Findings(JsonObject value, string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = false,
        ["patternProperties"] = new JsonObject
        {
            [$"^({string.Join('|', Bug.All.Select(bug => bug.Name).Concat(KernelVersion.All.Select(version => version.Name)).Select(System.Text.RegularExpressions.Regex.Escape))})$"] = value,
        },
    };

    private static JsonObject Bytes(string description) => new()
    {
        ["type"] = Array("integer", "string"),
        ["minimum"] = 0,
        ["pattern"] = $@"^\s*{GmemActors.Scenarios.Files.Bytes.Pattern}\s*$",
        ["description"] = description,
    };

    private static JsonObject Range(string description)
    {
        var bytes = GmemActors.Scenarios.Files.Bytes.Pattern;
        return Text($@"^\s*{bytes}\s+{bytes}\s*$", $"{description} An address and a size: 0x100000 8K.");
    }

    private static JsonObject Name(string description) => Text($@"^\s*{Word.NamePattern}\s*$", description);

    private static JsonObject Named(JsonObject value, string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["minProperties"] = 1,
        ["additionalProperties"] = false,
        ["patternProperties"] = new JsonObject { [$"^{Word.NamePattern}$"] = value },
    };

    private static JsonObject Fields(JsonObject properties, params string[] required)
    {
        var fields = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (required.Length > 0) fields["required"] = Array(required);
        return fields;
    }

    // An editor reads 6.8 as a number.
    private static JsonObject Enum(string[] words, string description)
    {
        var values = Array(words);
        foreach (var word in words)
        {
            if (double.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out var number)) values.Add((JsonNode)number);
        }

        return new() { ["enum"] = values, ["description"] = description };
    }

    private static JsonObject OneOrMore(JsonObject item, string description)
    {
        var either = AnyOf(item, List(item.DeepClone()));
        either["description"] = description;
        return either;
    }

    private static JsonObject Text(string pattern, string description) => new() { ["type"] = "string", ["pattern"] = pattern, ["description"] = description };

    private static JsonObject List(JsonNode item) => new() { ["type"] = "array", ["minItems"] = 1, ["items"] = item };

    private static JsonObject Ref(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    private static JsonObject AnyOf(params JsonNode[] schemas) => new() { ["anyOf"] = new JsonArray(schemas) };

    private static JsonArray Array(params string[] items) => [.. items.Select(item => (JsonNode)item)];
}
