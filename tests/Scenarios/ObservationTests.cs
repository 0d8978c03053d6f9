using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Scenarios;

/// <summary>What docs/observations.md tells of, with the paths as the kernels have them.</summary>
public class ObservationTests
{
    private static readonly Gfn First = new(0x100);

    [Theory]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void Unbind_of_a_dying_file_takes_a_binding_away_between_begin_and_end(string kernel)
    {
        var findings = Enumerable.Range(0, 4000).Select(seed => Run(KernelVersion.Find(kernel)!, (ulong)seed)).OfType<Finding>().ToList();

        Assert.Contains(findings, finding => finding.Cause == KernelProperties.NothingInProgress);
        Assert.Contains(findings, finding => finding.Warnings.Append(finding).OfType<DataRace>().Any(race => race.Field == "bindings gmem1"));
        Assert.All(findings, finding => Assert.True(
            finding is DataRace || finding.Cause == KernelProperties.NothingInProgress,
            finding.Title));
    }

    // Whoever invalidates has no reference on the dying file: here through another file of the inode; in released kernels it is
    // a memory failure.
    private static Finding? Run(KernelVersion kernel, ulong seed)
    {
        var world = new World(new RandomWalk(seed));
        var stage = new Stage(world, kernel);
        var (vm0, vm1) = (stage.Vm("vm0", First.Value, 1), stage.Vm("vm1", First.Value, 1));
        var inode = stage.Inode("inode0", 1);
        var (file0, file1) = (stage.Open("gmem0", vm0, inode), stage.Open("gmem1", vm1, inode));
        vm0.AddMemslot(0, First, file0, PageRange.Of(0, 1));
        vm1.AddMemslot(0, First, file1, PageRange.Of(0, 1));
        stage.PunchHoles("punch", file0, PageRange.Of(0, 1));
        stage.Task("close", current => Open.Close(current, stage.Files, 1));
        stage.Task("vmm", current => Stage.DeleteMemslot(current, vm1, stage.Files, 0, First));
        stage.Watch();
        return world.Run();
    }
}
