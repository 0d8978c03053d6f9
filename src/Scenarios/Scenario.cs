using GmemActors.Actors;
using GmemActors.Engine;

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

    /// <summary>What it is there to find, in every kernel that has the bug; null if nothing.</summary>
    public abstract ExpectedFinding? Shows { get; }

    /// <summary>What else bugs may come to in it: a finding of these is no surprise, and none is promised.</summary>
    public virtual IReadOnlyList<ExpectedFinding> MayShow => [];

    /// <summary>What is explored when it runs on a kernel.</summary>
    public Model ToModel(KernelVersion kernel) => new(Name, world =>
    {
        var stage = new Stage(world, kernel, Faults, Frames);
        Build(stage);
        stage.Watch();
    });

    /// <summary>Whether a kernel has the bug that it is there to find: not to find it is a failure then.</summary>
    public bool Expects(KernelVersion kernel) => Shows?.AppliesTo(kernel) == true;

    /// <summary>Whether a finding on a kernel is no surprise.</summary>
    public bool IsExpected(KernelVersion kernel, Finding finding) =>
        (Shows is not null && Explains(Shows, kernel, finding)) || MayShow.Any(expected => Explains(expected, kernel, finding));

    /// <summary>What fails though nothing is wrong with it.</summary>
    protected virtual FaultInjection Faults => FaultInjection.None;

    /// <summary>How many frames the host has.</summary>
    protected virtual int Frames => Stage.FewFrames;

    /// <summary>Sets the stage: objects, tasks, and what must happen sometimes.</summary>
    protected abstract void Build(Stage stage);

    private static bool Explains(ExpectedFinding expected, KernelVersion kernel, Finding finding) =>
        expected.AppliesTo(kernel) && expected.Is(finding);
}
