using System.Diagnostics;
using System.Threading;

namespace GmemActors.Bench;

/// <summary>What a contestant did in its slices of the time; it says of each execution how many messages, or steps, it had.</summary>
public sealed class Measure(Func<ulong, long> run)
{
    private readonly List<double> _rates = [];
    private ulong _seed;

    /// <summary>Executions.</summary>
    public long Schedules { get; private set; }

    /// <summary>Messages: a step is a request and its reply.</summary>
    public long Messages { get; private set; }

    /// <summary>Time.</summary>
    public double Seconds { get; private set; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes { get; private set; }

    /// <summary>The rate of messages in each slice.</summary>
    public IReadOnlyList<double> Rates => _rates;

    /// <summary>Runs executions, from seed to seed, for about so long; at least one.</summary>
    public void Slice(double seconds)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        long messages = 0;
        do
        {
            messages += run(_seed++);
            Schedules++;
        }
        while (watch.Elapsed.TotalSeconds < seconds);

        _rates.Add(messages / watch.Elapsed.TotalSeconds);
        Messages += messages;
        Seconds += watch.Elapsed.TotalSeconds;
        Bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
    }

    /// <summary>Lets contestants take turns, slice by slice, so that all meet the same machine; the first round warms up.</summary>
    public static void InTurns(double seconds, params Measure[] contestants)
    {
        const double Slice = 0.25;
        foreach (var contestant in contestants) contestant.WarmUp();
        for (var spent = 0.0; spent < seconds; spent += Slice)
        {
            foreach (var contestant in contestants) contestant.Slice(Math.Min(Slice, seconds));
        }
    }

    /// <summary>The rate of messages of so many threads, each with a contestant of its own, for about so long.</summary>
    public static double Together(double seconds, IReadOnlyList<Measure> contestants)
    {
        foreach (var contestant in contestants) contestant.WarmUp();
        var threads = contestants.Select(contestant => new Thread(() => contestant.Slice(seconds))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return contestants.Sum(contestant => contestant.Messages / contestant.Seconds);
    }

    /// <summary>The middle one; of an even number, the upper.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private void WarmUp()
    {
        Slice(0.5);
        (Schedules, Messages, Seconds, Bytes) = (0, 0, 0, 0);
        _rates.Clear();
    }
}
