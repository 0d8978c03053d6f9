using System.Diagnostics;
using GmemActors.Bench.Pvf;
using GmemActors.Engine;

var size = new PvfSize(int.Parse(args[0]), int.Parse(args[1]), int.Parse(args[2]), int.Parse(args[3]));
var model = new PvfModel(size);
var bare = new BareLoop(size);
for (var round = 0; round < 4; round++)
{
    long steps = 0; var n = 0; model = new PvfModel(size);
    var w = Stopwatch.StartNew(); var alloc = GC.GetAllocatedBytesForCurrentThread();
    ulong seed = 0;
    while (w.ElapsedMilliseconds < 1500)
    {
        var world = new World(new RandomWalk(seed++), 10_000_000);
        model.Build(world);
        if (world.Run() is { } f) throw new InvalidOperationException(f.Title);
        steps += world.Step; n++;
    }
    var s = w.Elapsed.TotalSeconds; alloc = GC.GetAllocatedBytesForCurrentThread() - alloc;
    if (size.Messages(0) * n + 16 * model.Retries != steps * 2) throw new InvalidOperationException("count");
    w.Restart(); var m0 = bare.Messages; var bn = 0;
    while (w.ElapsedMilliseconds < 1500) { bare.Run(seed++); bn++; }
    var bs = w.Elapsed.TotalSeconds;
    Console.WriteLine($"ours {n / s:f0} sched/s {2 * steps / s / 1e6:f1} M msg/s {alloc / (double)(2 * steps):f1} B/msg   bare {bn / bs:f0} sched/s {(bare.Messages - m0) / bs / 1e6:f1} M msg/s  ratio {n / s / (bn / bs):f2}");
}
