using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B4.1: a guest is launched while somebody has its memory mapped in advance.</summary>
public sealed class SnpPrefaultVsLaunch : SnpScenario
{
    private const string Launches = "the guest's launch succeeds";

    /// <inheritdoc/>
    public override string Name => "snp-prefault-vs-launch";

    /// <inheritdoc/>
    public override string Point => "Nothing may be mapped before the launch is finished, or the launch finds its pages populated.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.PrefaultBeforeLaunch, Launches);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // Where no test says that the page is populated, the source is copied into it all the same.
        ExpectedFinding.Broken(SnpBugs.PrefaultBeforeLaunch, SnpProperties.HostLives),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, _) = Guest(stage, stage.UserMemory(2), isLaunched: false);
        var (vcpu, errno) = (stage.SnpVcpu(vm), Errno.EAGAIN);
        stage.Task("launch", Launch);
        stage.Task("prefault", Prefault);

        stage.Finally(Launches, () => errno == Errno.None);
        if (stage.Kernel.HasPreFault) stage.Sometimes(Prefaulted);

        async Path Launch(KernelTask current) => errno = await SnpLaunch.Of(current, vm, new(Low, 0, Pages.Size));

        async Path Prefault(KernelTask current)
        {
            for (var i = 0; i < 30; i++)
            {
                var left = await KvmMain.KvmVcpuPreFaultMemory(current, vcpu, Low.Value << Pages.Shift, Pages.Size);
                if (left.Errno == Errno.EOPNOTSUPP) continue;
                if (!left.IsErr) current.Mark(Prefaulted);
                return;
            }
        }
    }

    private const string Prefaulted = "memory was mapped in advance";
}
