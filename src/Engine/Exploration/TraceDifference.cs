namespace GmemActors.Engine;

/// <summary>Says where two executions that should be equal part.</summary>
internal static class TraceDifference
{
    private const string Cause = "the usual cause: a path or an actor that reads a clock, an identity or an unordered collection";

    internal static string Describe(Execution first, Execution second)
    {
        var common = first.Trace.Zip(second.Trace).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"step {common + 1}: once {StepAt(first, common)}, then {StepAt(second, common)}; {Cause}";
    }

    private static string StepAt(Execution execution, int index)
    {
        if (index >= execution.Trace.Count) return $"the end ({execution.Finding?.Title ?? "no finding"})";
        var step = execution.Trace[index];
        var arguments = step.Arguments.Length > 0 ? $"({step.Arguments})" : "";
        return $"{step.Task} {step.Message}{arguments} {step.Actor} = '{step.Reply}'";
    }
}
