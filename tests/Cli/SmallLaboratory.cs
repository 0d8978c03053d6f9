using GmemActors.Cli;
using GmemActors.Engine;
using GmemActors.Tests.Small;

namespace GmemActors.Tests.Cli;

/// <summary>A laboratory of small models: one for each way in which an exploration can end.</summary>
internal static class SmallLaboratory
{
    private static int _runs;

    internal static Laboratory Create() => new(
        [
            Of(SmallModels.LostUpdate, "Two tasks count without a lock.", expected: null),
            Of(SmallModels.Locked, "Two tasks count under a lock.", expected: null),
            Of(SmallModels.AbBa, "Two locks are taken in both orders.", expected: "deadlock"),
            Of(SmallModels.Endless, "A task retries for ever.", expected: "livelock"),
            Of(SmallModels.Faulty, "An allocation may fail.", expected: null),
            Of(SmallModels.Pointless, "The point is never shown.", expected: null),
            Of(SmallModels.Locked with { Name = "absent" }, "What is expected is not there.", expected: "deadlock"),
            Of(Fickle, "Every run differs from the one before.", expected: null),
            Of(Broken, "The model throws.", expected: null),
        ],
        [new("v1", "the first version", [new("fields", "none (source: the first mail)")]), new("v2", "the second version", [])],
        [new("unlocked", "the lock is not taken", [new("id", "T1")]), new("harmless", "nothing is wrong", [new("id", "T2")])])
    {
        Operations = [new("count cell", "Counts one up.", [new("operation", "count")])],
    };

    /// <summary>The same, with something done before every execution of the first model.</summary>
    internal static Laboratory WithHook(Action hook)
    {
        var laboratory = Create();
        var model = SmallModels.LostUpdate;
        var hooked = model with
        {
            Build = world =>
            {
                hook();
                model.Build(world);
            },
        };
        return laboratory with { Subjects = [Of(hooked, "A hook is called.", expected: null), .. laboratory.Subjects.Skip(1)] };
    }

    private static Expectation Unlocked { get; } = Expectation.Of(
        SmallModels.LostUpdate with { Name = "locked" }, "every count counts", finding => finding.Cause == "every count counts");

    private static Model Fickle { get; } = new("fickle", world =>
    {
        var counter = world.Add(new Counter());
        var run = System.Threading.Interlocked.Increment(ref _runs);
        world.Spawn("vcpu0", async current => await current.Ask(counter, new WriteCount(run)));
    });

    private static Model Broken { get; } = new("broken", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("vcpu0", async current =>
        {
            await current.Ask(counter, new ReadCount());
            if (current.Choose(50, "a bad day") == 7) throw new InvalidOperationException("a line\nand another");
        });
    });

    // The bug takes the lock out of the one model that has it for a reason.
    private static Subject Of(Model model, string point, string? expected) => new(
        model.Name,
        point,
        ["v1", "v2"],
        (_, bugs) => model == SmallModels.Locked && bugs.Contains("unlocked") ? Unlocked
            : expected is null ? Expectation.None(model)
            : new(model, expected, finding => finding.Kind == expected, finding => finding.Kind == expected || finding is LockOrderInversion));
}
