using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>U41: pages become private in place while the guest and a user fault them in.</summary>
public sealed class InplaceConvertVsFault : InplaceScenario
{
    /// <inheritdoc/>
    public override string Name => "inplace-convert-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "A page that a fault refers to cannot become private: the conversion says EAGAIN, and where, until the fault is over.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows =>
        ExpectedFinding.Broken(GuestMemfdBugs.ConvertsReferenced, KernelProperties.UsersMapShared);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var vm = stage.Vm("vm0", Low.Value, 2, stage.UserMemory(0));
        var inode = stage.Inode("inode0", 2, GuestMemfdKind.Mmap | GuestMemfdKind.InitShared);
        vm.AddMemslot(0, Low, stage.Open("gmem0", vm, inode), PageRange.Of(0, 2));
        stage.Vcpu("vcpu0", vm, Low, Low + 1, Low);
        stage.Task("user", Use);
        stage.Task("vmm", ThereAndBack);

        stage.Sometimes(Events.ConversionBusy);
        stage.Sometimes(Events.FaultRetried);

        // SIGBUS is no surprise: the page is private then.
        async Path Use(KernelTask current)
        {
            if (await Map(current, stage, vm) is not { } vma) return;
            await UserProgram.Use(current, vma.Mm, vma.Pages.Start.Value, isWrite: true);
            await UserProgram.Use(current, vma.Mm, vma.Pages.Start.Value + 1, isWrite: false);
        }

        async Path ThereAndBack(KernelTask current)
        {
            await Convert(current, stage, PageRange.Of(0, 2), toPrivate: true);
            await Convert(current, stage, PageRange.Of(0, 1), toPrivate: false);
        }
    }
}
