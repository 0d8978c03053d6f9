using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>Who does what at once, and what that shows.</summary>
public abstract class Scenario
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What it is about, in one sentence.</summary>
    public abstract string Point { get; }

    /// <summary>The kernel versions it is for, oldest first.</summary>
    public virtual IReadOnlyList<KernelVersion> Kernels => KernelVersion.All;

    /// <summary>What it is there to find, in every kernel that has the bug.</summary>
    public abstract ExpectedFinding Shows { get; }

    /// <summary>What else bugs may come to in it: a finding of these is no surprise, and none is promised.</summary>
    public virtual IReadOnlyList<ExpectedFinding> MayShow => [];

    /// <summary>What the hardware has of what machines differ in.</summary>
    protected virtual MachineOptions Hardware => MachineOptions.Default;

    /// <summary>What is explored when it runs on a kernel.</summary>
    public Model ToModel(KernelVersion kernel) => new(Name, world =>
    {
        var stage = new Stage(world, kernel, options: Hardware, frameCount: FrameCount);
        Build(stage);
        stage.Watch();
    });

    /// <summary>Whether a kernel has the bug that it is there to find: not to find it is a failure then.</summary>
    public bool Expects(KernelVersion kernel) => kernel.Has(Shows.Bug);

    /// <summary>Whether a finding on a kernel is no surprise.</summary>
    public bool IsExpected(KernelVersion kernel, Finding finding) =>
        Explains(Shows, kernel, finding) || MayShow.Any(expected => Explains(expected, kernel, finding));

    /// <summary>How many frames the machine has.</summary>
    protected virtual int FrameCount => Stage.DefaultFrameCount;

    /// <summary>Sets the stage: objects, tasks, and what must happen sometimes.</summary>
    protected abstract void Build(Stage stage);

    private static bool Explains(ExpectedFinding expected, KernelVersion kernel, Finding finding) =>
        kernel.Has(expected.Bug) && expected.Is(finding);
}
