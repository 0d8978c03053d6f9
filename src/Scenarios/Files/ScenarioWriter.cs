using System.Globalization;
using System.Text;
using GmemActors.Actors;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

/// <summary>Writes a scenario file: what the parser reads back is equal to what was written.</summary>
public sealed class ScenarioWriter
{
    private const int Width = 120;
    private readonly StringBuilder _text = new();

    private ScenarioWriter()
    {
    }

    /// <summary>The text of a file.</summary>
    public static string Write(ScenarioFile file)
    {
        var writer = new ScenarioWriter();
        writer.WriteHead(file);
        writer.WriteObjects(file);
        writer.WriteTasks(file);
        writer.WriteConditions("sometimes", file.Sometimes);
        writer.WriteConditions("never", file.Never);
        writer.WriteConditions("finally", file.Finally);
        writer.WriteFindings(file);
        return writer._text.ToString();
    }

    /// <summary>An operation with its words, without those that are left to their defaults at the end.</summary>
    internal static string CallOf(OperationText operation) =>
        string.Join(' ', [operation.Operation.Name, .. Words(operation.Operation.Parameters, operation.Arguments)]);

    private void WriteHead(ScenarioFile file)
    {
        Line(0, $"scenario: {file.Name}");
        Line(0, $"point: {Scalar(file.Point, Width - "point: ".Length)}");
        if (file.Kernels.Count > 0) Line(0, $"kernels: [{string.Join(", ", file.Kernels)}]");
        if (file.Needs.Count > 0) Line(0, $"needs: [{string.Join(", ", file.Needs)}]");
        _text.Append('\n');
        WriteMachine(file.Machine);
        if (file.UserMemory.Value > 0) Line(0, $"user_memory: {file.UserMemory.Text}");
    }

    private void WriteMachine(MachineText machine)
    {
        var type = MachineWords.Of(machine.Kind);
        if (machine is { Frames: 0, Faults: FaultKind.None })
        {
            Line(0, $"machine: {type}");
            return;
        }

        Line(0, "machine:");
        Line(1, $"type: {type}");
        if (machine.Frames > 0) Line(1, $"frames: {machine.Frames.ToString(CultureInfo.InvariantCulture)}");
        var faults = MachineWords.Faults.Where(fault => (machine.Faults & fault.Kind) != 0).Select(fault => fault.Word);
        if (machine.Faults != FaultKind.None) Line(1, $"faults: [{string.Join(", ", faults)}]");
    }

    private void WriteObjects(ScenarioFile file)
    {
        if (file.Inodes.Count > 0) Line(0, "inodes:");
        foreach (var inode in file.Inodes) Line(1, $"{inode.Name}: {inode.Size.Text}");
        if (file.Files.Count > 0) Line(0, "files:");
        foreach (var gmem in file.Files) Line(1, $"{gmem.Name}: {{vm: {gmem.Vm.Text}, inode: {gmem.Inode.Text}}}");
        if (file.Vms.Count > 0) Line(0, "vms:");
        foreach (var vm in file.Vms) WriteVm(vm);
    }

    private void WriteVm(VmText vm)
    {
        Line(1, $"{vm.Name}:");
        Line(2, $"memory: {Of(vm.Memory)}");
        if (vm.IsPrivate) Line(2, "private: all");
        else if (vm.Private.Count > 0) Line(2, $"private: [{string.Join(", ", vm.Private.Select(Of))}]");
        if (vm.Slots.Count > 0) Line(2, "slots:");
        foreach (var slot in vm.Slots)
        {
            var offset = slot.File is null && slot.Offset.Value == 0 ? "" : $", offset: {slot.Offset.Text}";
            var bound = slot.File is null ? "" : $", file: {slot.File.Text}";
            var hva = slot.Hva is null ? "" : $", hva: {slot.Hva.Text}";
            Line(3, $"{slot.Id.ToString(CultureInfo.InvariantCulture)}: {{range: {Of(slot.Range)}{bound}{offset}{hva}}}");
        }
    }

    private void WriteTasks(ScenarioFile file)
    {
        _text.Append('\n');
        Line(0, "tasks:");
        foreach (var task in file.Tasks)
        {
            Line(1, $"{task.Name}:");
            var isPlain = task.Vcpu is null && !task.Converts;
            if (task.Vcpu is not null) Line(2, $"vcpu: {task.Vcpu.Text}");
            if (task.Converts) Line(2, "on_memory_fault: convert");
            if (!isPlain) Line(2, "does:");
            WriteSteps(isPlain ? 2 : 3, task.Steps);
        }
    }

    private void WriteSteps(int level, IReadOnlyList<StepText> steps)
    {
        foreach (var step in steps) WriteStep(level, step);
    }

    private void WriteStep(int level, StepText step)
    {
        switch (step)
        {
            case OperationText operation:
                Line(level, $"- {ResultOf(operation)}");
                break;
            case RepeatText repeat:
                Line(level, $"- repeat {repeat.Count.ToString(CultureInfo.InvariantCulture)}:");
                WriteSteps(level + 2, repeat.Steps);
                break;
            case RetryText retry:
                Line(level, $"- retry while {ErrnoWords.Of(retry.While)}:");
                WriteSteps(level + 2, retry.Steps);
                break;
            case OneOfText oneOf:
                Line(level, "- one of:");
                foreach (var way in oneOf.Ways) WriteWay(level + 2, way);
                break;
            case LabelText label:
                Line(level, $"- label: {label.Name[(label.Name.LastIndexOf('.') + 1)..]}");
                break;
            case AfterText after:
                Line(level, $"- after: {after.Label}");
                break;
            case BarrierText barrier:
                Line(level, $"- barrier: {barrier.Name}");
                break;
        }
    }

    private void WriteWay(int level, IReadOnlyList<StepText> way)
    {
        if (way.Count == 1)
        {
            WriteStep(level, way[0]);
            return;
        }

        Line(level, "-");
        WriteSteps(level + 1, way);
    }

    private void WriteConditions(string key, IReadOnlyList<Claim> conditions)
    {
        if (conditions.Count == 0) return;
        _text.Append('\n');
        Line(0, $"{key}:");
        foreach (var condition in conditions)
        {
            Line(1, $"- {(condition.Sentence is null ? "" : $"{Scalar(condition.Sentence, int.MaxValue)}: ")}{Scalar(condition.Text, int.MaxValue)}");
        }
    }

    private void WriteFindings(ScenarioFile file)
    {
        if (file.Shows is null && file.MayShow.Count == 0) return;
        _text.Append('\n');
        if (file.Shows is { } shows)
        {
            Line(0, "shows:");
            Line(1, $"{OwnerOf(shows)}: {{{shows.Kind}: {Scalar(shows.Cause, int.MaxValue, isFlow: true)}}}");
        }

        if (file.MayShow.Count == 0) return;
        Line(0, "may_show:");
        foreach (var owner in file.MayShow.GroupBy(OwnerOf))
        {
            Line(1, $"{owner.Key}:");
            foreach (var finding in owner) Line(2, $"- {finding.Kind}: {Scalar(finding.Cause, int.MaxValue)}");
        }
    }

    private static string OwnerOf(ExpectedFinding finding) => finding.Bug?.Name ?? finding.Kernel!;

    private static string Of(GpaRange range) => $"{range.Gpa.Text} {range.Size.Text}";

    private static string ResultOf(OperationText operation)
    {
        var call = CallOf(operation);
        return operation.Results is [Errno.None] ? call : $"{call} -> {ErrnoWords.Of(operation.Results)}";
    }

    private static IEnumerable<string> Words(IReadOnlyList<Parameter> parameters, IReadOnlyList<Argument> arguments)
    {
        var count = parameters.Count;
        while (count > 0 && parameters[count - 1].Default == arguments[count - 1].Text) count--;
        return arguments.Take(count).Select(argument => argument.Text);
    }

    // Plain where YAML reads it back as it is, quoted elsewhere, folded where it is long.
    private static string Scalar(string text, int width, bool isFlow = false)
    {
        var isPlain = text.Length > 0 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_') && text[^1] is not (' ' or ':')
            && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
            && !text.Contains("  ", StringComparison.Ordinal)
            && !text.AsSpan().ContainsAny("\n\r\"\\")
            && !(isFlow && text.AsSpan().ContainsAny(",[]{}"));
        if (!isPlain) return Quoted(text);
        return text.Length <= width ? text : Folded(text);
    }

    private static string Quoted(string text)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"\"{escaped.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)}\"";
    }

    private static string Folded(string text)
    {
        var (folded, column) = (new StringBuilder(">-\n "), 1);
        foreach (var word in text.Split(' '))
        {
            if (column > 1 && column + 1 + word.Length > Width)
            {
                folded.Append("\n ");
                column = 1;
            }

            folded.Append(' ').Append(word);
            column += 1 + word.Length;
        }

        return folded.ToString();
    }

    private void Line(int level, string text) => _text.Append(' ', 2 * level).Append(text).Append('\n');
}
