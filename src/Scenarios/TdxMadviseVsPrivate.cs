using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Scenarios;

/// <summary>U31: the user's pages behind a memslot go while the trust domain uses the private ones.</summary>
public sealed class TdxMadviseVsPrivate : TdxScenario
{
    /// <inheritdoc/>
    public override string Name => "tdx-madvise-vs-private";

    /// <inheritdoc/>
    public override string Point =>
        "What happens to the user's addresses must leave private memory alone, or the trust domain loses its data.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(TdxBugs.NotifierZapsPrivate, TdxProperties.KeepsPages);

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var mm = stage.UserMemory(2);
        var vm = stage.TrustDomain("vm0", Low.Value, 2, mm);
        var file = stage.Open("gmem0", vm, stage.Inode("inode0", 2));
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        stage.AddPage(vm, file.Inode, new(0), Low);
        stage.Vcpu("vcpu0", vm, Access.Private(Low), Access.Private(Low));
        stage.Task("madvise", current => Madvise.MadviseDontneedSingleVma(current, mm, PageRange.Of(0, 2)));
        stage.KeepsPages(vm);

        stage.Sometimes("the notifier ran while the vCPU was in the kernel", () => vm.IsInZap && vm.IsInKernel, vm);
    }
}
