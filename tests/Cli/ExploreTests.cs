using System.Text.Json;
using GmemActors.Cli;
using GmemActors.Tests.Golden;

namespace GmemActors.Tests.Cli;

public sealed class ExploreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("explore locked --schedules 50", ExitCode.Success, "clean")]
    [InlineData("explore ab-ba --kernel v1", ExitCode.Success, "expected")]
    [InlineData("explore lost-update --kernel v1", ExitCode.Finding, "unexpected")]
    [InlineData("explore endless --kernel v1", ExitCode.Success, "livelock")]
    [InlineData("explore absent --kernel v1 --schedules 20", ExitCode.Finding, "absent")]
    [InlineData("explore pointless --kernel v2 --schedules 20", ExitCode.Finding, "pointless")]
    [InlineData("explore locked --with unlocked", ExitCode.Success, "with-bug")]
    [InlineData("explore locked ab-ba lost-update --schedules 30 --kernel v1", ExitCode.Finding, "several")]
    [InlineData("explore faulty --kernel v1 --schedules 40 --keep-going --workers 3", ExitCode.Finding, "keep-going")]
    public void What_is_found_is_shown_and_judged(string line, int code, string golden)
    {
        var run = Command.Run(line);

        Assert.Equal("", run.Error);
        GoldenFile.Check($"explore-{golden}.txt", Masked.Of(run.Output));
        Assert.Equal(code, run.ExitCode);
    }

    [Theory]
    [InlineData("lost-update --kernel v1", 1)]
    [InlineData("lost-update --kernel v1 --keep-going --schedules 2000", 7)]
    [InlineData("faulty --kernel v1 --keep-going --schedules 500", 3)]
    [InlineData("locked --schedules 700", 16)]
    public void The_result_does_not_depend_on_the_number_of_workers(string line, int workers)
    {
        var alone = Command.Run($"explore {line} --json --workers 1");
        var together = Command.Run($"explore {line} --json --workers {workers}");

        Assert.Equal(Masked.Of(alone.Output), Masked.Of(together.Output));
    }

    [Fact]
    public void Shards_cover_the_seeds_once()
    {
        var whole = Explore("lost-update --kernel v1 --seed 5 --schedules 100 --keep-going");
        var shards = Enumerable.Range(1, 3).Select(i => Explore($"lost-update --kernel v1 --seed 5 --schedules 100 --keep-going --shard {i}/3")).ToList();

        Assert.Equal([33, 33, 34], shards.Select(shard => shard.GetProperty("schedules").GetInt64()));
        Assert.Equal([5, 38, 71], shards.Select(shard => shard.GetProperty("seed").GetInt64()));
        Assert.Equal(Count(whole), shards.Sum(Count));
    }

    [Fact]
    public void A_shard_does_not_fail_for_what_another_may_see()
    {
        Assert.Equal(ExitCode.Success, Command.Run("explore pointless --schedules 20 --shard 1/2").ExitCode);
        Assert.Equal(ExitCode.Success, Command.Run("explore absent --schedules 20 --shard 2/2").ExitCode);
    }

    [Fact]
    public void The_json_document_has_what_the_contract_says()
    {
        var run = Explore($"lost-update --kernel v1 --out {_folder.Folder}");

        Assert.Equal("lost-update", run.GetProperty("scenario").GetString());
        Assert.Equal("v1", run.GetProperty("kernel").GetString());
        Assert.Equal("portfolio", run.GetProperty("strategy").GetString());
        Assert.Equal(1, run.GetProperty("seed").GetInt64());
        Assert.True(run.GetProperty("steps").GetInt64() > 0);
        Assert.True(run.GetProperty("seconds").GetDouble() >= 0);
        Assert.Equal(JsonValueKind.Object, run.GetProperty("sometimes").ValueKind);
        Assert.True(run.GetProperty("coverage").GetProperty("distinctOrders").GetInt64() > 0);
        Assert.Equal(16, run.GetProperty("orders").GetString()!.Length);

        var finding = run.GetProperty("findings")[0];
        Assert.Equal("property", finding.GetProperty("kind").GetString());
        Assert.Equal("every count counts", finding.GetProperty("property").GetString());
        Assert.False(finding.GetProperty("expected").GetBoolean());
        Assert.Equal(_folder.Files.Single(), System.IO.Path.GetFileName(finding.GetProperty("schedule").GetString()));
    }

    [Fact]
    public void The_line_that_is_printed_replays_the_same_trace()
    {
        var finding = Explore("lost-update --kernel v1 --strategy pct:2 --seed 40").GetProperty("findings")[0];

        var replayed = Command.Run($"{finding.GetProperty("replay").GetString()!["gmem ".Length..]} --json");

        var trace = JsonDocument.Parse(replayed.Output).RootElement;
        Assert.Equal(ExitCode.Finding, replayed.ExitCode);
        Assert.Equal(finding.GetProperty("trace").GetString(), trace.GetProperty("fingerprint").GetString());
        Assert.Equal(finding.GetProperty("step").GetInt64(), trace.GetProperty("finding").GetProperty("step").GetInt64());
    }

    [Fact]
    public void The_schedule_that_is_written_replays_the_same_trace()
    {
        var finding = Explore($"locked --kernel v2 --with unlocked --out {_folder.Folder}").GetProperty("findings")[0];

        var replayed = Command.Run($"replay --schedule {finding.GetProperty("schedule").GetString()} --json");

        Assert.Matches(@"^locked-v2\+unlocked-seed\d+\.schedule$", _folder.Files.Single());
        Assert.Contains(finding.GetProperty("trace").GetString()!, replayed.Output);
    }

    [Fact]
    public void A_finding_whose_schedule_cannot_be_written_is_shown_all_the_same()
    {
        System.IO.Directory.CreateDirectory(_folder.PathOf("lost-update-v1-seed1.schedule"));

        var run = Command.Run($"explore lost-update locked --kernel v1 --strategy round-robin --keep-going --schedules 1 --seed 1 --json --out {_folder.Folder}");

        Assert.Equal(ExitCode.Misuse, run.ExitCode);
        Assert.Contains("cannot write", run.Error);
        var outcome = JsonDocument.Parse(run.Output).RootElement.GetProperty("scenarios").EnumerateArray().Single();
        Assert.Equal("gmem replay lost-update --kernel v1 --strategy round-robin --seed 1", outcome.GetProperty("findings")[0].GetProperty("replay").GetString());
        Assert.Equal(["lost-update-v1-seed1.schedule"], _folder.Files);
    }

    [Fact]
    public void A_scenario_that_is_named_twice_runs_once()
    {
        var run = Command.Run("explore locked locked --kernel v1 --schedules 10 --json");

        Assert.Equal(1, JsonDocument.Parse(run.Output).RootElement.GetProperty("scenarios").GetArrayLength());
    }

    [Fact]
    public void Every_version_of_the_scenario_is_explored_unless_one_is_named()
    {
        var runs = JsonDocument.Parse(Command.Run("explore locked --schedules 10 --json").Output).RootElement.GetProperty("scenarios");

        Assert.Equal(["v1", "v2"], runs.EnumerateArray().Select(run => run.GetProperty("kernel").GetString()!));
    }

    [Fact]
    public void What_was_found_before_an_interrupt_is_reported()
    {
        using var stop = new System.Threading.CancellationTokenSource();
        var runs = 0;
        var laboratory = SmallLaboratory.WithHook(() =>
        {
            if (System.Threading.Interlocked.Increment(ref runs) == 100) stop.Cancel();
        });

        var run = Command.Run(() => laboratory, ["explore", "lost-update", "--kernel", "v1", "--keep-going", "--json"], stop.Token);

        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        var outcome = JsonDocument.Parse(run.Output).RootElement.GetProperty("scenarios")[0];
        Assert.InRange(outcome.GetProperty("schedules").GetInt64(), 50, 200);
        Assert.True(outcome.GetProperty("findings").GetArrayLength() > 0);
    }

    [Fact]
    public void An_interrupt_before_the_first_run_is_said()
    {
        var run = Command.Run("explore locked", new System.Threading.CancellationToken(canceled: true));

        Assert.Equal((ExitCode.Interrupted, "interrupted\n"), (run.ExitCode, run.Output));
    }

    [Fact]
    public void What_was_not_run_is_not_called_clean() =>
        Assert.Contains("2 runs: 0 clean, 0 found what was expected, 0 failed, 2 not run\n", Command.Run("explore locked --schedules 1 --shard 1/2").Output);

    [Fact]
    public void Time_bounds_the_run_where_no_number_of_schedules_does()
    {
        var outcome = Explore("locked --kernel v1 --time 50ms");

        Assert.InRange(outcome.GetProperty("schedules").GetInt64(), 1, 100_000_000);
    }

    [Theory]
    [InlineData("--seed 18446744073709551615 --schedules 1", 1)]
    [InlineData("--seed 18446744073709551606", 10, "--time 1h")]
    [InlineData("--seed 18446744073709551606 --schedules 10", 10)]
    public void Seeds_end_with_the_largest_number(string line, long schedules, string time = "") =>
        Assert.Equal(schedules, Explore($"locked --kernel v1 {line} {time}").GetProperty("schedules").GetInt64());

    [Theory]
    [InlineData("explore fickle --kernel v1 --twice", "two runs of seed 1 differ, step 1")]
    [InlineData("explore broken --kernel v1", "to see it again: gmem replay broken --kernel v1 --seed ")]
    [InlineData("explore broken --kernel v1 --keep-going --workers 5", "broken in v1 under portfolio: broken, seed ")]
    public void A_bug_of_our_own_is_one_line_with_what_shows_it_again(string line, string says)
    {
        var run = Command.Run(line);

        Assert.Equal(ExitCode.OwnBug, run.ExitCode);
        Assert.StartsWith("gmem: bug in gmem itself: ", run.Error);
        Assert.Contains(says, run.Error);
        Assert.Equal(run.Error.Length - 1, run.Error.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void The_first_seed_that_breaks_is_named_whoever_runs_it()
    {
        var lines = Enumerable.Range(1, 6).Select(workers => Command.Run($"explore broken --kernel v1 --workers {workers}").Error);

        Assert.Single(lines.Distinct());
    }

    [Fact]
    public void Two_equal_runs_are_no_difference() =>
        Assert.Equal(ExitCode.Success, Command.Run("explore locked --kernel v1 --twice --schedules 50").ExitCode);

    private static JsonElement Explore(string line) =>
        JsonDocument.Parse(Command.Run($"explore {line} --json").Output).RootElement.GetProperty("scenarios")[0];

    private static long Count(JsonElement outcome) =>
        outcome.GetProperty("findings").EnumerateArray().Sum(finding => finding.GetProperty("count").GetInt64());
}
