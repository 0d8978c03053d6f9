using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>U8: a frame of a 2M page is converted while vCPUs fault others of it in.</summary>
public sealed class HugeConvertVsFault : HugeScenario
{
    /// <inheritdoc/>
    public override string Name => "huge-convert-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "Faults in all of a huge page must retry while a part of it is converted, or one maps all of it as what a part is not any more.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(MmuBugs.HugePageVsAttributes, KernelProperties.KindsMatch);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", First.Value, PageLevels.PagesPer2M);
        Open(stage, vm);
        stage.Vcpu("vcpu0", vm, First, First + 1);
        stage.Vcpu("vcpu1", vm, First + 2);
        stage.Task("convert", Convert);

        SometimesHuge(stage, vm);
        stage.Sometimes(Events.FaultRetried);

        async Path Convert(KernelTask current)
        {
            var one = MemoryAttributesRequest.Convert(GfnRange.Of(First + 3, 1), toPrivate: false);
            await KvmMain.KvmVmIoctlSetMemAttributes(current, vm, one);
        }
    }
}
