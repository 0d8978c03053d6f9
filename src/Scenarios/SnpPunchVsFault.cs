using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>B0.3: a hole is punched into pages of an SNP guest that its vCPUs fault in.</summary>
public sealed class SnpPunchVsFault : SnpScenario
{
    /// <inheritdoc/>
    public override string Name => "snp-punch-vs-fault";

    /// <inheritdoc/>
    public override string Point =>
        "A page must be taken back from the guest when it is freed, not before: a fault in between gives it to the guest again.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Broken(SnpBugs.ResetBeforeTruncate, SnpProperties.FreedIsHosts);

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        // A page that is mapped after the invalidation is over, and freed then.
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, SnpProperties.MapsAssigned),
        ExpectedFinding.Broken(GuestMemfdBugs.TruncateOutside, SnpProperties.VmsaCached),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.UseSnp();
        var (vm, file) = Guest(stage);
        stage.SnpVcpu("vcpu0", vm, converts: false, Use(Low, High));
        stage.SnpVcpu("vcpu1", vm, converts: false, Use(High, Low));
        stage.PunchHoles("punch", file, PageRange.Of(0, 2));

        stage.Sometimes(Events.FaultRetried);
        stage.Sometimes(Events.RmpFaultSpurious);
        stage.SometimesFaultsMeanwhile(vm, file.Inode);
    }
}
