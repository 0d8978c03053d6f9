using System.Globalization;
using Spectre.Console;

namespace GmemActors.Cli;

/// <summary>One line on a terminal: how far a campaign has come, how fast it is, and when it should be over.</summary>
internal static class ProgressLine
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Shows it until the campaign has ended; a campaign that ends at once shows nothing.</summary>
    internal static void Show(string name, Campaign campaign, System.IO.TextWriter error, Func<TimeSpan, bool> hasEnded)
    {
        if (hasEnded(Patience)) return;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => Follow(context.AddTask(Markup.Escape(name), maxValue: campaign.Count), campaign, hasEnded));
    }

    private static void Follow(ProgressTask task, Campaign campaign, Func<TimeSpan, bool> hasEnded)
    {
        var name = task.Description;
        while (!hasEnded(Interval))
        {
            task.Value = campaign.Done;
            var rate = (task.Speed ?? 0).ToString("N0", CultureInfo.InvariantCulture);
            task.Description = $"{name} {rate} schedules/s";
        }
    }
}
