using System.Text.Json;
using GmemActors.Cli;
using GmemActors.Tests.Golden;

namespace GmemActors.Tests.Cli;

public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("replay ab-ba --kernel v1 --seed 3", ExitCode.Success, "expected")]
    [InlineData("replay lost-update --seed 3 --kernel v1", ExitCode.Finding, "finding")]
    [InlineData("replay locked --seed 3 --strategy random", ExitCode.Success, "nothing")]
    [InlineData("replay endless --kernel v1 --seed 1 --strategy random --shrink", ExitCode.Success, "shrunk")]
    [InlineData("replay locked --seed 3 --shrink", ExitCode.Success, "nothing-to-shrink")]
    public void An_execution_is_shown_with_what_to_do_next(string line, int code, string golden)
    {
        var run = Command.Run(line);

        Assert.Equal("", run.Error);
        GoldenFile.Check($"replay-{golden}.txt", run.Output);
        Assert.Equal(code, run.ExitCode);
    }

    [Fact]
    public void Full_shows_every_try()
    {
        Assert.Contains("more tries like this", Command.Run("replay endless --seed 1").Output);
        Assert.DoesNotContain("more tries like this", Command.Run("replay endless --seed 1 --full").Output);
    }

    [Fact]
    public void A_shrunk_schedule_replays_to_the_same_finding()
    {
        var file = _folder.PathOf("short.schedule");
        var shrunk = Command.Run($"replay endless --seed 1 --shrink --json --out {file}");

        var replayed = Command.Run($"replay --schedule {file} --json");

        Assert.Equal(Member(shrunk, "fingerprint"), Member(replayed, "fingerprint"));
        Assert.Equal(ExitCode.Success, replayed.ExitCode);
        Assert.Equal(["short.schedule"], _folder.Files);
    }

    [Fact]
    public void An_interrupt_ends_the_search_for_a_shorter_execution_with_the_shortest_so_far()
    {
        using var stop = new System.Threading.CancellationTokenSource();
        var runs = 0;
        var laboratory = SmallLaboratory.WithHook(() =>
        {
            if (++runs == 10) stop.Cancel();
        });

        var run = Command.Run(() => laboratory, ["replay", "lost-update", "--kernel", "v1", "--seed", "3", "--shrink", "--json"], stop.Token);

        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        Assert.Equal(10, runs);
        Assert.Equal("every count counts", JsonDocument.Parse(run.Output).RootElement.GetProperty("finding").GetProperty("property").GetString());
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--as json")]
    [InlineData("--as json --json")]
    public void Json_is_one_document(string format)
    {
        var run = Command.Run($"replay lost-update --seed 3 --kernel v1 {format}");

        Assert.Equal("lost-update", Member(run, "scenario"));
        Assert.Equal("gmem replay lost-update --kernel v1 --seed 3", Member(run, "replay"));
    }

    [Fact]
    public void The_newest_version_of_the_scenario_is_replayed_unless_one_is_named() =>
        Assert.Equal("v2", Member(Command.Run("replay locked --seed 1 --json"), "kernel"));

    [Fact]
    public void Seeds_may_be_as_large_as_they_get_and_hexadecimal()
    {
        var (number, bits) = (Command.Run("replay locked --seed 18446744073709551615"), Command.Run("replay locked --seed 0xffffffffffffffff"));

        Assert.Equal(ExitCode.Success, number.ExitCode);
        Assert.Equal(number.Output, bits.Output);
    }

    [Fact]
    public void A_model_that_throws_is_a_bug_of_our_own()
    {
        var failing = Enumerable.Range(1, 500).Select(seed => Command.Run($"replay broken --kernel v1 --seed {seed}")).First(run => run.ExitCode != 0);

        Assert.Equal(ExitCode.OwnBug, failing.ExitCode);
        Assert.Contains("a line and another; to see it again: gmem replay broken --kernel v1 --seed ", failing.Error);
    }

    private static string Member(Command run, string name) =>
        JsonDocument.Parse(run.Output).RootElement.GetProperty(name).GetString()!;
}
