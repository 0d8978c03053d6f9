using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Conditions;

namespace GmemActors.Scenarios.Files;

/// <summary>The scenario that a file describes.</summary>
public sealed class FileScenario(ScenarioFile file) : Scenario
{
    // Beyond what inodes and the user process can fill, for pages that are out of the cache and still referenced.
    private const int SpareFrames = 8;
    private const int MostFrames = 4096;

    /// <summary>What the file says.</summary>
    public ScenarioFile File { get; } = file;

    /// <inheritdoc/>
    public override string Name => File.Name;

    /// <inheritdoc/>
    public override string Point => File.Point;

    /// <inheritdoc/>
    public override IReadOnlyList<KernelVersion> Kernels { get; } =
        [.. (file.Kernels.Count == 0 ? KernelVersion.WithVmAttributes : KernelVersion.All).Where(kernel => IsFor(file, kernel))];

    /// <inheritdoc/>
    public override ExpectedFinding? Shows => File.Shows;

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow => File.MayShow;

    /// <inheritdoc/>
    protected override StageOptions Machine { get; } = new()
    {
        Frames = file.Machine.Frames > 0 ? file.Machine.Frames : EnoughFrames(file),
        Faults = file.Machine.Faults == FaultKind.None ? FaultInjection.None : new(file.Machine.Faults),
    };

    /// <summary>The objects alone, without tasks and claims.</summary>
    internal Stage SetUp(World world, KernelVersion kernel)
    {
        var stage = new Stage(world, kernel, Machine);
        AddObjects(stage);
        return stage;
    }

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        AddObjects(stage);
        var meetings = AddMeetings(stage);

        // All vCPUs are there before anybody acts.
        var runs = File.Tasks.Select(task => (task.Name, Run: new TaskRun(stage, meetings, task))).ToList();
        foreach (var (name, run) in runs) stage.Task(name, run.Run);

        foreach (var condition in File.Sometimes) stage.Sometimes(condition.Name, HoldsIn(stage, condition), condition.Over(stage));
        foreach (var condition in File.Never) stage.Always(condition.Name, () => !condition.Holds(stage), condition.Over(stage));
        foreach (var condition in File.Finally) stage.Finally(condition.Name, () => condition.Holds(stage) ? null : "it does not hold");
    }

    private static Func<bool>? HoldsIn(Stage stage, Claim condition) =>
        condition.Event is null ? () => condition.Holds(stage) : null;

    private static bool IsFor(ScenarioFile file, KernelVersion kernel) =>
        (file.Kernels.Count == 0 || file.Kernels.Contains(kernel.Name))
        && file.Needs.All(need => kernel.Fields.Any(field => field.Key == need && field.Value == "yes"));

    private static int EnoughFrames(ScenarioFile file)
    {
        var pages = file.UserMemory.Value >> Pages.Shift;
        foreach (var inode in file.Inodes) pages += Math.Min(inode.Size.Value >> Pages.Shift, MostFrames);
        return (int)Math.Min(pages, MostFrames) + SpareFrames;
    }

    private void AddObjects(Stage stage)
    {
        var mm = File.UserMemory.Value > 0 ? stage.UserMemory((int)(File.UserMemory.Value >> Pages.Shift)) : null;
        foreach (var vm in File.Vms)
        {
            var added = stage.Vm(vm.Name, FramesOf(vm.Memory), File.Machine.Kind, mm);
            if (vm.IsPrivate) added.Convert(added.Frames, KvmMemoryAttributes.Private);
            foreach (var range in vm.Private) added.Convert(FramesOf(range), KvmMemoryAttributes.Private);
        }

        foreach (var inode in File.Inodes) stage.Inode(inode.Name, inode.Size.Value >> Pages.Shift);
        foreach (var file in File.Files) stage.Open(file.Name, stage.Vms[(int)file.Vm.Value], stage.InodeAt((int)file.Inode.Value));
        for (var i = 0; i < File.Vms.Count; i++)
        {
            foreach (var slot in File.Vms[i].Slots)
            {
                var frames = FramesOf(slot.Range);
                var pages = PageRange.Of(slot.Offset.Value >> Pages.Shift, frames.End.Value - frames.Start.Value);
                var hva = slot.Hva?.Value ?? 0;
                if (slot.File is null) stage.Vms[i].AddMemslot((int)slot.Id, frames, hva);
                else stage.Vms[i].AddMemslot((int)slot.Id, frames.Start, stage.GmemFiles[(int)slot.File.Value], pages, hva);
            }
        }
    }

    private Meetings AddMeetings(Stage stage)
    {
        var meetings = stage.Add(new Meetings("order"));
        foreach (var step in File.Tasks.SelectMany(task => task.Steps))
        {
            if (step is LabelText label) meetings.Expect(label.Name, 1);
            if (step is BarrierText barrier) meetings.Expect(barrier.Name, File.Tasks.Count(task => task.Steps.Contains(barrier)));
        }

        return meetings;
    }

    private static GfnRange FramesOf(GpaRange range)
    {
        var first = range.Gpa.Value >> Pages.Shift;
        return new(new(first), new(first + (range.Size.Value >> Pages.Shift)));
    }
}
