using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

/// <summary>A task of a scenario file, as it runs in one execution.</summary>
internal sealed class TaskRun(Stage stage, Meetings meetings, TaskText task)
{
    private readonly Vcpu? _vcpu = task.Vcpu is null ? null : stage.CreateVcpu(stage.Vms[(int)task.Vcpu.Value]);

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
                var errno = await operation.Operation.Run!(current, new(stage, _vcpu, operation.Arguments));
                current.ReturnToUser(operation.Operation.Name);
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

    // What the guest does up to the next thing that the host does is one program. Where it fails it ends: the guest does not get past it.
    private async Path<Errno> RunGuest(KernelTask current, IReadOnlyList<StepText> steps, int first, int end, IReadOnlyList<Errno>? again)
    {
        var program = new GuestOp[end - first];
        for (var i = 0; i < program.Length; i++) program[i] = GuestOpOf((OperationText)steps[first + i]);
        var run = new KvmRun(program);
        var errno = await Stage.RunVcpu(current, _vcpu!, run, task.Converts);
        for (var i = 0; i < run.Next && i < program.Length; i++) Judge(current, (OperationText)steps[first + i], Errno.None, null);
        return errno == Errno.None ? Errno.None : Judge(current, (OperationText)steps[first + Math.Min(run.Next, program.Length - 1)], errno, again);
    }

    private GuestOp GuestOpOf(OperationText operation) => operation.Operation.Guest!(new(stage, _vcpu, operation.Arguments));

    private static int EndOfGuest(IReadOnlyList<StepText> steps, int first)
    {
        var end = first;
        while (end < steps.Count && steps[end] is OperationText { Operation.IsGuest: true }) end++;
        return end;
    }

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
