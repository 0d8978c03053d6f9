using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios;
using GmemActors.Scenarios.Random;

namespace GmemActors.Tests.Scenarios;

public class RandomProgramTests
{
    private const int Schedules = 2500;

    public static TheoryData<string> Sound =>
        [.. KernelVersion.WithVmAttributes.Where(kernel => kernel != KernelVersion.GmemV12).Select(kernel => kernel.Name)];

    [Theory]
    [MemberData(nameof(Sound))]
    public void A_version_without_its_known_bugs_shows_nothing(string kernel)
    {
        bool[] faults = [false, true];
        foreach (var withFaults in faults)
        {
            var version = KernelVersion.Find(kernel)!;
            var tally = Explore(version.Bugs.Aggregate(version, (without, bug) => without.Without(bug)), withFaults);

            Assert.Empty(tally.Findings.Select(found => $"seed {found.Seed}: {found.Finding.Title}"));
        }
    }

    [Fact]
    public void The_first_guest_memfd_shows_its_bugs_and_nothing_else()
    {
        var kernel = KernelVersion.GmemV12;

        var findings = Explore(kernel, withFaults: false).Findings.Select(found => found.Finding).ToList();

        Assert.All(findings, finding => Assert.True(new RandomProgram().IsExpected(kernel, finding), finding.Title));
        string[] causes = [KernelProperties.NothingInProgress, KernelProperties.BindingsLive, KernelProperties.MapsCached, "mmu_invalidate_retry_gfn"];
        Assert.Equal(causes, causes.Intersect(findings.Select(finding => finding.Cause)));
    }

    [Fact]
    public void A_prefault_that_retries_for_ever_is_come_upon_in_6_12()
    {
        var findings = Explore(KernelVersion.Linux612, withFaults: false).Findings;

        Assert.Equal("KVM_MEMSLOT_INVALID", Assert.Single(findings).Finding.Cause);
    }

    [Fact]
    public void A_signal_ends_that_prefault() => Assert.Empty(Explore(KernelVersion.Linux612, withFaults: true).Findings);

    [Fact]
    public void Its_seed_and_its_schedule_replay_program_and_interleaving()
    {
        var explorer = Explorer(KernelVersion.GmemV12, withFaults: true);

        for (var seed = 0ul; seed < 20; seed++)
        {
            var first = explorer.Replay(seed);
            Assert.Null(explorer.Difference(seed));
            Assert.Equal(first.Fingerprint, explorer.Replay(first.Choices).Fingerprint);
        }
    }

    [Fact]
    public void Programs_differ() =>
        Assert.InRange(Explore(KernelVersion.Linux72, withFaults: false).Distinct.Count, Schedules * 0.9, Schedules * 1.1);

    private static Tally Explore(KernelVersion kernel, bool withFaults) =>
        Explorer(kernel, withFaults).Explore(0, Schedules, ends: _ => false);

    private static Explorer Explorer(KernelVersion kernel, bool withFaults)
    {
        var model = new RandomProgram(withFaults).ToModel(kernel);
        var calibration = Calibration.Of(model);
        return new(model, seed => Strategies.Of("portfolio").Create(seed, calibration));
    }
}
