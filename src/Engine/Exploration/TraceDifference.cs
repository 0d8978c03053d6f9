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

    private static string StepAt(Execution execution, int index) =>
        index < execution.Trace.Count
            ? $"{execution.Trace[index].Task} {execution.Trace[index].Message} {execution.Trace[index].Actor} = '{execution.Trace[index].Reply}'"
            : $"the end ({execution.Finding?.Title ?? "no finding"})";
}
