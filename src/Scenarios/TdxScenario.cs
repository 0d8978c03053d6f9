using GmemActors.Actors;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>A scenario with a trust domain, of two frames whose memory comes from a gmem file.</summary>
public abstract class TdxScenario : Scenario
{
    /// <summary>Where KVM_BUG is what comes of a bug.</summary>
    private static readonly Bug[] Fatal =
    [
        TdxBugs.ZapBusyIsFatal,
        TdxBugs.MapBusyIsFatal,
        TdxBugs.TrackWithoutKick,
        TdxBugs.VpInitWithoutMmuLock,
        TdxBugs.UninitUnderReadLock,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<KernelVersion> Kernels => [KernelVersion.Linux72];

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        .. from bug in Fatal select ExpectedFinding.Broken(bug, TdxProperties.NeverBugged),
        ExpectedFinding.Broken(TdxBugs.ZeroThroughWrongKey, TdxProperties.WrittenByGuest),
        ExpectedFinding.Broken(TdxBugs.ZeroThroughWrongKey, TdxProperties.ReadsOwn),

        // The hole's pages are freed while a fault gives one of them to the trust domain.
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, TdxProperties.MapsCached),
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, TdxProperties.FreeIsHosts),
    ];

    /// <summary>The first frame.</summary>
    protected static Gfn Low { get; } = new(0x100);

    /// <summary>The second frame.</summary>
    protected static Gfn High { get; } = new(0x101);

    /// <inheritdoc/>
    protected override StageOptions Machine => StageOptions.Default with { Frames = 16 };

    /// <summary>The trust domain, with its memslot on the file <c>gmem0</c>.</summary>
    protected static (Vm Vm, GmemFile File) Bind(Stage stage, bool isFinalized = true, UserMemory? mm = null)
    {
        var vm = stage.TrustDomain("vm0", Low.Value, 2, mm, isFinalized);
        var file = stage.Open("gmem0", vm, stage.Inode("inode0", 2));
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        return (vm, file);
    }
}
