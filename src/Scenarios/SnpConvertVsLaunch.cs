using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U34: a guest is launched at frames of which one becomes shared.</summary>
public sealed class SnpConvertVsLaunch : SnpScenario
{
    private const string OnlyPrivate = "a launch fills no frame that is shared";

    /// <inheritdoc/>
    public override string Name => "snp-convert-vs-launch";

    /// <inheritdoc/>
    public override string Point => "Populate must look whether its frames are private while nobody can convert them.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.PopulatesShared, OnlyPrivate);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2), isLaunched: false);
        stage.SnpVcpu(vm);
        vm.Convert(GfnRange.Of(High, 1), KvmMemoryAttributes.None);
        var (update, isPrivate) = (new SnpLaunchUpdateCmd(Low, 0, 2ul << Pages.Shift), false);
        stage.Task("launch", Launch);
        stage.Task("convert", Convert);

        stage.Finally(OnlyPrivate, () => update.Length > 0 || isPrivate);
        if (!stage.Kernel.Has(SnpBugs.PopulatesShared)) stage.Sometimes(Events.LaunchUpdateFailed);

        async Path Launch(KernelTask current) => await SnpLaunch.Of(current, vm, update);

        // In half of the executions the frame becomes private, be it before or after it is filled.
        async Path Convert(KernelTask current)
        {
            isPrivate = current.Choose(2, "convert") == 0;
            await KvmMain.KvmVmIoctlSetMemAttributes(current, vm, MemoryAttributesRequest.Convert(GfnRange.Of(isPrivate ? High : Low, 1), isPrivate));
        }
    }
}
