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
    public virtual IReadOnlyList<KernelVersion> Kernels => KernelVersion.WithVmAttributes;

    /// <summary>What it is there to find, in every kernel that has the bug; null if nothing.</summary>
    public abstract ExpectedFinding? Shows { get; }

    /// <summary>What else bugs may come to in it: a finding of these is no surprise, and none is promised.</summary>
    public virtual IReadOnlyList<ExpectedFinding> MayShow => [];

    /// <summary>What is explored when it runs on a kernel.</summary>
    public Model ToModel(KernelVersion kernel) => new(Name, world =>
    {
        var stage = new Stage(world, kernel, Machine);
        Build(stage);
        stage.Watch();
    });

    /// <summary>Whether a kernel has the bug that it is there to find: not to find it is a failure then.</summary>
    public bool Expects(KernelVersion kernel) => Shows?.AppliesTo(kernel) == true;

    /// <summary>Whether a finding on a kernel is no surprise: some scenario says that a bug of the kernel may come to it.</summary>
    /// <remarks>
    /// What a bug may come to is a matter of the bug: it is said once, in the scenario that shows it best. One that is not in the catalogue
    /// speaks for itself alone: whoever wrote it wants to hear of what it finds.
    /// </remarks>
    public bool IsExpected(KernelVersion kernel, Finding finding) =>
        Says(this, kernel, finding)
        || (Catalogue.All.Contains(this) && Catalogue.All.Any(scenario => Says(scenario, kernel, finding)));

    /// <summary>The machine it runs on.</summary>
    protected virtual StageOptions Machine => StageOptions.Default;

    /// <summary>Sets the stage: objects, tasks, and what must happen sometimes.</summary>
    protected abstract void Build(Stage stage);

    private static bool Says(Scenario scenario, KernelVersion kernel, Finding finding) =>
        (scenario.Shows is { } shows && Explains(shows, kernel, finding))
        || scenario.MayShow.Any(expected => Explains(expected, kernel, finding));

    private static bool Explains(ExpectedFinding expected, KernelVersion kernel, Finding finding) =>
        expected.AppliesTo(kernel) && expected.Is(finding);
}
