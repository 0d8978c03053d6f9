using System.Text;
using GmemActors.Actors;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Files;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Tests.Docs;

/// <summary>The page of scenario files: what tasks can do and what can be said of the state is read off the tables.</summary>
internal static class ScenariosPage
{
    private const string Head = """
        # Scenario files

        A scenario says who does what at once, and what must come of it. It is a YAML file; the command takes its path wherever it takes
        the name of a scenario: `gmem explore my.yaml`, `gmem replay my.yaml --seed 7`. The folder `scenarios` has those that come with
        the laboratory, and `scenarios/schema.json`, with which an editor completes and checks them.

        This page is written by a test from the parser's own tables: `GMEM_UPDATE_GOLDEN=1 dotnet test` writes it anew.

        ```yaml

        """;

    private const string Rest = """
        ```

        ## What stands where

        Sizes, offsets and addresses are bytes, as in the kernel's ABI: `0x1000`, `4096`, `4K`, `2M`.

        | key | what |
        |---|---|
        | `scenario` | the name in reports and schedules: small letters, digits, `-` |
        | `point` | what it is about, in one sentence |
        | `kernels` | the kernel versions it is for; all if it is not there |
        | `needs` | fields of a kernel version that must say `yes` (`gmem list kernels`) |
        | `machine` | {{machines}}; or `{type: …, frames: N, faults: […]}` |
        | `user_memory` | the bytes of the memory of the user process, mapped from address 0 on |
        | `inodes` | a name and a size each |
        | `files` | gmem files, open from the start: `{vm: …, inode: …}`; several of one inode are allowed |
        | `vms` | `memory`: the addresses that the guest can name; `private`: `all`, or ranges of them; `slots`: memslots by number |
        | `tasks` | a list of operations each; or, of the thread of a vCPU, `vcpu: VM` and `does:` with the list |
        | `sometimes` | what must happen in some execution, or the scenario does not show its point |
        | `never` | what must not hold after any step |
        | `finally` | what must hold when every task has ended |
        | `shows` | the finding it is there for: `BUG: {KIND: CAUSE}`. In a kernel that has the bug, not to find it is a failure |
        | `may_show` | findings that are no surprise: `BUG:` with a list of `KIND: CAUSE` |

        In `shows` and `may_show` a kernel version can stand for a bug: what it shows comes of no bug that is known by name.
        `faults` makes things fail that could succeed, as a choice of the strategy: {{faults}}.

        ## What tasks do

        A line is an operation: its name, its words, and, behind `->`, what it may return: `OK`, an errno, several as `OK|EAGAIN`, or
        `any`. **Without that it must succeed.** Anything else is a finding, `wrong-errno`.

        What a guest does up to the next thing that its thread does is one program. An access that fails ends it, and the thread goes on
        with what follows. A task with `on_memory_fault: convert` converts what its guest uses otherwise, and runs on, as a virtual
        machine monitor does.

        | | |
        |---|---|
        | `- repeat 3:` | so many times the list that follows |
        | `- retry while EAGAIN:` | the list again from its beginning, as long as an operation in it returns one of these |
        | `- one of:` | one entry of the list, as the strategy chooses; an entry may be a list |
        | `- label: done` | a place that others can wait for |
        | `- after: task.done` | waits until that task has come there |
        | `- barrier: met` | waits until every task that names it has come there |

        A retry that nobody is left to end is a livelock, and is found as one. Labels and barriers stand in the task's own list.


        """;

    internal static string Write()
    {
        var text = new StringBuilder(Head);
        text.Append(ScenarioFolder.Text("punch-hole-vs-fault"));
        text.Append(Rest
            .Replace("{{machines}}", string.Join(", ", MachineWords.Kinds.Select(kind => $"`{kind.Word}` ({kind.Summary})")), StringComparison.Ordinal)
            .Replace("{{faults}}", string.Join("; ", MachineWords.Faults.Select(fault => $"`{fault.Word}`: {fault.Summary}")), StringComparison.Ordinal));
        text.Append("## Operations\n\n`gmem list operations`, and `--json` for programs.\n\n");
        text.Append("| operation | what | done by | may return, besides OK | kernel function |\n|---|---|---|---|---|\n");
        foreach (var operation in OperationTable.All)
        {
            text.Append($"| `{operation.Usage}` | {operation.Summary} | {operation.DoneBy} | {Errnos(operation)} | `{operation.Function}()` |\n");
        }

        text.Append("\n| word | what | as a regular expression |\n|---|---|---|\n");
        var types = OperationTable.All.SelectMany(operation => operation.Parameters).Concat(Vocabulary.Predicates.SelectMany(predicate => predicate.Parameters));
        foreach (var type in types.Select(parameter => parameter.Type).Distinct().OrderBy(type => type.Name, StringComparer.Ordinal))
        {
            text.Append($"| {Cell(type.Name)} | {Cell(type.Summary)} | `{Cell(type.Pattern)}` |\n");
        }

        text.Append("\n## Conditions\n\nSeveral are joined by `and`; `not` stands before one. `words of your own: condition` gives it a name in reports.\n\n");
        text.Append("| condition | what |\n|---|---|\n");
        foreach (var predicate in Vocabulary.Predicates) text.Append($"| `{predicate.Usage}` | {predicate.Summary} |\n");
        text.Append("\n`sometimes` can name an event, which the paths note:\n\n| event | what |\n|---|---|\n");
        foreach (var (name, what) in Vocabulary.NamedEvents) text.Append($"| `{name}` | {what} |\n");
        return text.Append("\n## Findings\n\n").Append(string.Join(", ", ScenarioParser.Kinds.Select(kind => $"`{kind}`"))).Append(".\n").ToString();
    }

    private static string Errnos(Operation operation) =>
        operation.Errnos.Count == 0 ? "" : string.Join(", ", operation.Errnos.Select(errno => errno.ToString()));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
