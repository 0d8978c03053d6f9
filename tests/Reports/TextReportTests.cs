using GmemActors.Engine;
using GmemActors.Reports;
using GmemActors.Tests.Golden;
using GmemActors.Tests.Small;

namespace GmemActors.Tests.Reports;

public class TextReportTests
{
    [Fact]
    public void A_broken_property_is_shown_in_two_columns() =>
        GoldenFile.Check("text-property.txt", Report(SmallModels.LostUpdate));

    [Fact]
    public void A_deadlock_shows_who_still_waits_and_for_what() =>
        GoldenFile.Check("text-deadlock.txt", Report(SmallModels.AbBa));

    [Fact]
    public void A_livelock_shows_one_try_and_counts_the_others() =>
        GoldenFile.Check("text-livelock.txt", Report(SmallModels.Endless));

    [Fact]
    public void Choices_of_data_told_messages_and_warnings_are_shown() =>
        GoldenFile.Check("text-choices.txt", Report(SmallModels.Faulty));

    [Fact]
    public void Eight_tasks_stand_beside_each_other_within_the_width()
    {
        var text = Report(SmallModels.Crowd(8));

        GoldenFile.Check("text-crowd.txt", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 110, line));
    }

    [Fact]
    public void The_middle_of_a_very_long_trace_is_left_out_and_counted()
    {
        var execution = Lengthened(FirstFinding(SmallModels.Crowd(4)), times: 50, task => task);

        var shortened = TextReport.Of(execution, new("seed 1"));

        Assert.Contains($"… {execution.Trace.Count - 80} steps left out (--full shows them) …", shortened);
        Assert.DoesNotContain("left out", TextReport.Of(execution, new("seed 1") { IsFull = true }));
    }

    [Fact]
    public void What_one_task_did_alone_is_left_out_first()
    {
        var execution = Lengthened(FirstFinding(SmallModels.Crowd(4)), times: 50, _ => "vcpu0");

        var shortened = TextReport.Of(execution, new("seed 1"));

        Assert.Contains($"… {execution.Trace.Count - 12} steps left out …", shortened);
    }

    [Fact]
    public void Without_a_finding_the_steps_are_shown_all_the_same() =>
        GoldenFile.Check("text-no-finding.txt", TextReport.Of(Explorer(SmallModels.Locked).Replay(1), new("seed 1")));

    [Fact]
    public void An_expected_finding_says_so() =>
        Assert.StartsWith("FINDING (expected)  ", TextReport.Headline(FirstFinding(SmallModels.AbBa), new("seed 1") { IsExpected = true }));

    [Theory]
    [InlineData(37, "| write_count counter <- |")]
    [InlineData(42, "| write_count counter (1) <- |")]
    [InlineData(20, "| write_count co… <- |")]
    public void What_does_not_fit_loses_its_arguments_before_its_name(int width, string end)
    {
        var text = TextReport.Of(FirstFinding(SmallModels.LostUpdate), new("seed 1") { Width = width });

        Assert.Single(text.Split('\n'), line => line.EndsWith(end, StringComparison.Ordinal));
    }

    private static string Report(Model model) =>
        TextReport.Of(FirstFinding(model), new("schedule 1", $"gmem replay {model.Name} --seed 1"));

    private static Execution FirstFinding(Model model)
    {
        var explorer = Explorer(model);

        // lockdep sees an inversion before anybody waits: the reports are about what comes of it.
        var tally = explorer.Explore(1, 1000, ends: finding => finding is not LockOrderInversion);
        return explorer.Replay(tally.Findings[^1].Seed);
    }

    private static Execution Lengthened(Execution execution, int times, Func<string, string> rename)
    {
        TraceStep[] trace =
        [
            .. Enumerable.Repeat(execution.Trace, times).SelectMany(steps => steps)
                .Select((step, at) => step with { Step = at + 1, Task = rename(step.Task) }),
        ];
        return execution with { Trace = trace, Choices = [.. trace.Select(step => new Delivery(step.Task, step.Message, step.Actor))] };
    }

    private static Explorer Explorer(Model model) => new(model, seed => new RandomWalk(seed));
}
