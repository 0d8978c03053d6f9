using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B1.4: vCPUs use 4K mappings of memory that the RMP has as 2M, while a part of it is converted.</summary>
public sealed class SnpPsmashStorm : SnpScenario
{
    private static readonly Gfn First = new(0x200);

    /// <inheritdoc/>
    public override string Name => "snp-psmash-storm";

    /// <inheritdoc/>
    public override string Point => "A 2M entry under a 4K mapping must be broken up, by whoever comes first, or every access of the guest faults.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Livelock(SnpBugs.NoPsmash, "#NPF with the RMP bit");

    /// <inheritdoc/>
    protected override StageOptions Machine => StageOptions.Default with { Frames = 3 * (int)PageLevels.PagesPer2M };

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var vm = stage.SnpVm("vm0", First.Value, 4);
        var inode = stage.Inode("inode0", 4);
        var file = stage.Open("gmem0", vm, inode);
        vm.AddMemslot(0, First, file, PageRange.Of(0, 4));
        stage.SnpVcpu("vcpu0", vm, converts: false, First, First + 1, First + 2);
        stage.SnpVcpu("vcpu1", vm, converts: false, First + 2, First + 1);
        stage.SkipTo2M();
        var pfn = inode.Allocate(new(0));
        for (var i = 1ul; i < 4; i++) inode.Allocate(new(i));
        stage.SkipTo2M();
        stage.Prepare(vm, First, pfn, PageLevel.Level2M);
        stage.Task("convert", Convert);

        stage.Sometimes(Events.RmpFaultSmashed);
        stage.Sometimes(Events.RmpFaultSpurious);

        // That is why the entry is 2M and the mappings are 4K.
        async Path Convert(KernelTask current) =>
            await KvmMain.KvmVmIoctlSetMemAttributes(current, vm, MemoryAttributesRequest.Convert(GfnRange.Of(First + 3, 1), toPrivate: false));
    }
}
