using System.CommandLine;
using System.Diagnostics;
using GmemActors.Bench.Pvf;
using GmemActors.Engine;

namespace GmemActors.Bench.Commands;

/// <summary><c>growth</c>: one execution of many steps: its last million must cost what its first did.</summary>
public static class GrowthCommand
{
    private const long Million = 1_000_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var millions = new Option<int>("--millions") { Description = "so many million steps", DefaultValueFactory = _ => 10 };
        var command = new Command("growth", "One execution of PvF, million by million: steps per second, bytes per step, live memory") { millions };
        command.SetAction(parsed => Run(parsed.GetValue(millions)));
        return command;
    }

    private static void Run(int millions)
    {
        var faults = (int)(millions * Million / (8 * 9));
        var model = new PvfModel(new(8, 4, faults, faults / 2));
        var recorder = new Milestones();
        var world = new World(new RandomWalk(1), long.MaxValue, recorder);
        model.Build(world);
        if (world.Run() is { } finding) throw new InvalidOperationException(finding.Title);
        Console.WriteLine($"{world.Step} steps in one execution");
    }

    private sealed class Milestones : Recorder
    {
        private long _since = Stopwatch.GetTimestamp();
        private long _bytes = GC.GetAllocatedBytesForCurrentThread();

        public override void Delivered(long step, Pending delivered, Reply reply)
        {
            if (step % Million != 0) return;
            var (now, bytes) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            var rate = Million / Stopwatch.GetElapsedTime(_since, now).TotalSeconds;
            var live = GC.GetTotalMemory(forceFullCollection: true);
            Console.WriteLine($"{step / Million,4} M  {rate / 1e6,6:F1} M steps/s  {(double)(bytes - _bytes) / Million,6:F1} bytes/step  {live / 1024.0,8:F0} KiB live");
            (_since, _bytes) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        }

        public override void Queued(long step, Pending request)
        {
        }

        public override void Chose(KernelTask task, int count, string what, int chosen)
        {
        }
    }
}
