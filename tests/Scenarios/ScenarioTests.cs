using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Scenarios;

public class ScenarioTests
{
    private const int Budget = 300;

    public static TheoryData<string> Names => [.. Catalogue.All.Select(scenario => scenario.Name)];

    public static TheoryData<string> Showing => [.. Catalogue.All.Where(scenario => scenario.Shows is not null).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Showing))]
    public void It_is_found_in_the_versions_that_have_its_bug(string name)
    {
        var scenario = Catalogue.Find(name)!;
        var kernels = scenario.Kernels.Where(scenario.Expects);

        Assert.NotEqual(scenario.Shows!.Bug!.IsWhatIf, kernels.Any());
        Assert.All(kernels, kernel => Assert.Contains(Findings(scenario, kernel, Budget), scenario.Shows.Is));
    }

    [Theory]
    [MemberData(nameof(Showing))]
    public void Its_bug_alone_is_enough(string name)
    {
        var scenario = Catalogue.Find(name)!;
        var kernel = Newest(scenario).With(scenario.Shows!.Bug!);

        Assert.Contains(Findings(scenario, kernel, Budget), scenario.Shows!.Is);
    }

    [Fact]
    public void A_page_that_is_truncated_outside_is_used_through_a_translation_that_outlives_its_memslot()
    {
        var finding = new PropertyBroken(65, KernelProperties.OwnMemory, "a guest uses frame 0x1000, which is free");
        var scenario = Catalogue.Find("punch-hole-vs-unbind")!;

        Assert.True(scenario.IsExpected(KernelVersion.Linux68.With(GuestMemfdBugs.TruncateOutside), finding));
        Assert.False(scenario.IsExpected(KernelVersion.Linux68, finding));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_the_versions_without_its_bug_it_is_clean(string name)
    {
        var scenario = Catalogue.Find(name)!;
        var kernels = scenario.Kernels
            .Where(kernel => !scenario.Expects(kernel) && (scenario.Shows is not null || kernel.Bugs.Count == 0))
            .Append(WithoutBug(scenario));

        Assert.All(kernels, kernel => Assert.Empty(Findings(scenario, kernel, 1000)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_any_bug_shows_in_it_is_expected(string name)
    {
        var scenario = Catalogue.Find(name)!;
        foreach (var kernel in Bug.All.Select(Newest(scenario).With))
        {
            Assert.All(
                Findings(scenario, kernel, Budget / 4),
                finding => Assert.True(scenario.IsExpected(kernel, finding), $"{kernel}: {finding.Title}"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_version_shows_in_it_is_expected(string name)
    {
        var scenario = Catalogue.Find(name)!;
        foreach (var kernel in scenario.Kernels.Where(kernel => kernel.Bugs.Count > 0))
        {
            Assert.All(
                Findings(scenario, kernel, 500),
                finding => Assert.True(scenario.IsExpected(kernel, finding), $"{kernel}: {finding.Title}"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_shows_its_point_in_every_version(string name)
    {
        foreach (var kernel in Catalogue.Find(name)!.Kernels)
        {
            var model = Catalogue.Find(name)!.ToModel(kernel);
            var unseen = Worlds(model, 1000).Select(Unseen).Aggregate((left, right) => [.. left.Intersect(right)]);

            Assert.Empty(unseen);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_seeds_run_alike(string name)
    {
        var model = Catalogue.Find(name)!.ToModel(KernelVersion.GmemV12);

        var first = Worlds(model, 50).Select(world => (world.Order, world.Step)).ToList();

        Assert.Equal(first, Worlds(model, 50).Select(world => (world.Order, world.Step)));
    }

    [Theory]
    [MemberData(nameof(Showing))]
    public void A_finding_is_a_surprise_where_its_bug_is_not(string name)
    {
        var scenario = Catalogue.Find(name)!;
        var finding = Findings(scenario, KernelWith(scenario), Budget)[0];

        Assert.False(scenario.IsExpected(WithoutBug(scenario), finding));
    }

    [Fact]
    public void The_invalid_range_is_warned_of_before_the_livelock()
    {
        var scenario = new PunchHoleUnbound();

        var livelock = Findings(scenario, KernelVersion.GmemV12, Budget).First(scenario.Shows!.Is);

        Assert.Contains(livelock.Warnings, warning => warning.Cause == "mmu_invalidate_retry_gfn: no range was added");
    }

    [Fact]
    public void A_binding_that_comes_in_between_makes_the_count_negative()
    {
        var kernel = KernelVersion.Linux68.With(GuestMemfdBugs.BindingsNotFrozen);

        var findings = Findings(new PunchHoleVsUnbind(), kernel, 2000);

        Assert.Contains(findings, finding => finding.Cause == KernelProperties.NeverNegative);
    }

    [Fact]
    public void Names_are_unique_and_found()
    {
        Assert.All(Catalogue.All, scenario => Assert.Same(scenario, Catalogue.Find(scenario.Name)));
        Assert.All(Bug.All, bug => Assert.Contains(Catalogue.All, scenario => scenario.Shows?.Bug == bug));
    }

    // The first that had it; the newest one with it if none had.
    private static KernelVersion KernelWith(Scenario scenario) =>
        scenario.Kernels.FirstOrDefault(scenario.Expects) ?? Newest(scenario).With(scenario.Shows!.Bug!);

    private static KernelVersion Newest(Scenario scenario) => scenario.Kernels[^1];

    private static KernelVersion WithoutBug(Scenario scenario) => scenario.Shows is { } shows
        ? Newest(scenario).Without(shows.Bug!)
        : KernelVersion.Linux72.Bugs.Aggregate(Newest(scenario), (kernel, bug) => kernel.Without(bug));

    private static List<Finding> Findings(Scenario scenario, KernelVersion kernel, int count)
    {
        var model = scenario.ToModel(kernel);
        var calibration = Calibration.Of(model);
        return [.. Enumerable.Range(0, count).Select(seed => Build(model, calibration, (ulong)seed).Run()).OfType<Finding>()];
    }

    private static IEnumerable<World> Worlds(Model model, int count)
    {
        var calibration = Calibration.Of(model);
        for (var seed = 0ul; seed < (ulong)count; seed++)
        {
            var world = Build(model, calibration, seed);
            world.Run();
            yield return world;
        }
    }

    private static World Build(Model model, Calibration calibration, ulong seed)
    {
        var world = new World(Portfolio.Pick(seed).Create(seed, calibration), model.StepLimit);
        model.Build(world);
        return world;
    }

    private static List<string> Unseen(World world) =>
    [
        .. from property in world.Properties
           where property is { Kind: PropertyKind.Sometimes, Seen: false }
           select property.Name,
    ];
}
