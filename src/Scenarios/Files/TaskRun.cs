using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

/// <summary>A task of a scenario file, as it runs in one execution.</summary>
internal sealed class TaskRun(Stage stage, Meetings meetings, TaskText task)
{
    private readonly Vm? _vm = task.Vcpu is null ? null : stage.Vms[(int)task.Vcpu.Value];

    /// <summary>Runs it to its end.</summary>
    internal async Path Run(KernelTask current) => await RunSteps(current, task.Steps, null);

    // The errno that its caller tries again for, or none.
    private async Path<Errno> RunSteps(KernelTask current, IReadOnlyList<StepText> steps, IReadOnlyList<Errno>? again)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var errno = Errno.None;
            if (steps[i] is OperationText { Operation.IsGuest: true })
            {
                var end = EndOfGuest(steps, i);
                errno = await RunGuest(current, steps, i, end, again);
                i = end - 1;
            }
            else
            {
                errno = await RunStep(current, steps[i], again);
            }

            if (errno != Errno.None) return errno;
        }

        return Errno.None;
    }

    private async Path<Errno> RunStep(KernelTask current, StepText step, IReadOnlyList<Errno>? again)
    {
        switch (step)
        {
            case OperationText operation:
                var errno = await operation.Operation.Run!(current, new(stage, _vm, operation.Arguments));
                return Judge(current, operation, errno, again);
            case RepeatText repeat:
                for (var i = 0; i < repeat.Count; i++)
                {
                    var failed = await RunSteps(current, repeat.Steps, again);
                    if (failed != Errno.None) return failed;
                }

                return Errno.None;
            case RetryText retry:
                await Retry(current, retry);
                return Errno.None;
            case OneOfText oneOf:
                return await RunSteps(current, oneOf.Ways[current.Choose(oneOf.Ways.Count, $"{task.Name}: one of")], again);
            case LabelText label:
                await current.Ask(meetings, new Arrive(label.Name));
                return Errno.None;
            case AfterText after:
                await current.Ask(meetings, new WaitFor(after.Label));
                return Errno.None;
            case BarrierText barrier:
                await current.Ask(meetings, new Arrive(barrier.Name));
                await current.Ask(meetings, new WaitFor(barrier.Name));
                return Errno.None;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Path Retry(KernelTask current, RetryText retry)
    {
        while (true)
        {
            var before = current.Steps;
            var errno = await RunSteps(current, retry.Steps, retry.While);
            if (errno == Errno.None) return;

            // A call that fails by its arguments alone asks nobody: it is a try all the same.
            if (current.Steps == before) await current.Ask(meetings, TryAgain.Now);
            current.Retry($"{task.Name}: {errno}");
        }
    }

    // Accesses that follow each other are one KVM_RUN, and what is expected of them is the same. One that fails ends all that
    // follow it directly: the guest does not get past it.
    private async Path<Errno> RunGuest(KernelTask current, IReadOnlyList<StepText> steps, int first, int end, IReadOnlyList<Errno>? again)
    {
        for (var i = first; i < end;)
        {
            var operation = (OperationText)steps[i];
            var next = task.Converts ? i + 1 : EndOfRun(steps, i, end);
            var errno = task.Converts
                ? await Stage.RunConverting(current, _vm!, AccessOf(operation))
                : await X86.KvmArchVcpuIoctlRun(current, _vm!, [.. Enumerable.Range(i, next - i).Select(at => AccessOf((OperationText)steps[at]))]);
            var failed = Judge(current, operation, errno, again);
            if (failed != Errno.None) return failed;
            if (errno != Errno.None) return Errno.None;
            i = next;
        }

        return Errno.None;
    }

    private Access AccessOf(OperationText operation) => operation.Operation.Guest!(new(stage, _vm, operation.Arguments));

    private static int EndOfGuest(IReadOnlyList<StepText> steps, int first)
    {
        var end = first;
        while (end < steps.Count && steps[end] is OperationText { Operation.IsGuest: true }) end++;
        return end;
    }

    private static int EndOfRun(IReadOnlyList<StepText> steps, int first, int end)
    {
        var results = ((OperationText)steps[first]).Results;
        var next = first + 1;
        while (next < end && Same(((OperationText)steps[next]).Results, results)) next++;
        return next;
    }

    private static bool Same(IReadOnlyList<Errno>? one, IReadOnlyList<Errno>? other) =>
        one is null || other is null ? one == other : one.SequenceEqual(other);

    private static Errno Judge(KernelTask current, OperationText operation, Errno errno, IReadOnlyList<Errno>? again)
    {
        if (errno != Errno.None && again is not null && again.Contains(errno)) return errno;
        if (operation.Results is { } results && !results.Contains(errno))
        {
            current.ReturnedWrongly(ScenarioWriter.CallOf(operation), ErrnoWords.Of(errno), ErrnoWords.Of(results));
        }

        return Errno.None;
    }
}
