using System.CommandLine;
using System.Text.Json;
using GmemActors.Bench.Pvf;
using GmemActors.Engine;

namespace GmemActors.Bench.Commands;

/// <summary><c>pvf N P F K</c>: punch-hole versus fault on the engine, and beside it on the bare loop.</summary>
public static class PvfCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly PvfSize[] Sizes = [new(2, 2, 2, 2), new(8, 4, 4, 4), new(32, 8, 4, 4), new(1000, 64, 4, 4)];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var size = new Argument<int[]>("size") { Description = "N P F K: vCPUs, pages, faults a vCPU, holes; none: the four sizes of the protocol", Arity = new(0, 4) };
        var seconds = new Option<double>("--seconds") { Description = "how long each contestant runs", DefaultValueFactory = _ => 3 };
        var workers = new Option<int>("--workers") { Description = "so many threads, each with worlds of its own", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "one JSON document" };
        var command = new Command("pvf", "Punch-hole versus fault: schedules and messages per second, beside a bare loop") { size, seconds, workers, json };
        command.SetAction(parsed =>
        {
            var numbers = parsed.GetValue(size)!;
            if (numbers.Length is not (0 or 4) || numbers.Any(number => number < 1) || parsed.GetValue(seconds) <= 0 || parsed.GetValue(workers) < 1)
            {
                Console.Error.WriteLine("bench: expected four sizes, seconds and workers, all at least 1: pvf 2 2 2 2 --seconds 3");
                return 2;
            }

            IReadOnlyList<PvfSize> sizes = numbers.Length == 4 ? [new(numbers[0], numbers[1], numbers[2], numbers[3])] : Sizes;
            foreach (var one in sizes) Run(one, parsed.GetValue(seconds), parsed.GetValue(workers), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Run(PvfSize size, double seconds, int workers, bool json)
    {
        var (engine, bare) = (Engine(size), Bare(size));
        Measure.InTurns(seconds, engine, bare);
        var ratio = Measure.Median(engine.Rates.Zip(bare.Rates, (ours, theirs) => ours / theirs));
        (double Rate, double Scaling)? together = workers == 1 ? null : Together(size, seconds, workers);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(Document(size, engine, bare, ratio, together), Json));
            return;
        }

        Console.WriteLine($"pvf ({size.N},{size.P},{size.F},{size.K})");
        Console.WriteLine($"  engine     {Line(engine)}");
        Console.WriteLine($"  bare loop  {Line(bare)}");
        Console.WriteLine($"  median of the ratios, slice by slice: {ratio:F2}");
        if (together is { } many) Console.WriteLine($"  {workers} workers: {many.Rate / 1e6:F1} M messages/s, {many.Scaling:F2} times one");
    }

    private static string Line(Measure measure) =>
        $"{measure.Schedules / measure.Seconds,10:F0} schedules/s  {measure.Messages / measure.Seconds / 1e6,5:F1} M messages/s  "
        + $"{(double)measure.Bytes / measure.Messages,5:F1} bytes/message";

    private static object Document(PvfSize size, Measure engine, Measure bare, double ratio, (double Rate, double Scaling)? together) => new
    {
        size.N,
        size.P,
        size.F,
        size.K,
        engine.Schedules,
        engine.Messages,
        engine.Seconds,
        SchedulesPerSecond = engine.Schedules / engine.Seconds,
        MessagesPerSecond = engine.Messages / engine.Seconds,
        BytesPerMessage = (double)engine.Bytes / engine.Messages,
        RatioMedian = ratio,
        Workers = together is null ? null : new { MessagesPerSecond = together.Value.Rate, together.Value.Scaling },
        Yardstick = new
        {
            bare.Schedules,
            bare.Messages,
            bare.Seconds,
            SchedulesPerSecond = bare.Schedules / bare.Seconds,
            MessagesPerSecond = bare.Messages / bare.Seconds,
            BytesPerMessage = (double)bare.Bytes / bare.Messages,
        },
    };

    // One and many in turns, so that both meet the same machine.
    private static (double Rate, double Scaling) Together(PvfSize size, double seconds, int workers)
    {
        var rounds = Enumerable.Range(0, 5).Select(_ =>
        {
            var one = Measure.Together(seconds / 5, [Engine(size)]);
            var many = Measure.Together(seconds / 5, [.. Enumerable.Range(0, workers).Select(_ => Engine(size))]);
            return (Rate: many, Scaling: many / one);
        }).ToList();
        return (Measure.Median(rounds.Select(round => round.Rate)), Measure.Median(rounds.Select(round => round.Scaling)));
    }

    private static Measure Engine(PvfSize size)
    {
        var model = new PvfModel(size);
        return new(seed =>
        {
            var retries = model.Retries;
            var world = new World(new RandomWalk(seed), long.MaxValue);
            model.Build(world);
            if (world.Run() is { } finding) throw new InvalidOperationException(finding.Title);
            var messages = (world.Step - world.QueuedSteps) * 2;
            if (messages != size.Messages(model.Retries - retries)) throw new InvalidOperationException("not the messages of the protocol");
            return messages;
        });
    }

    private static Measure Bare(PvfSize size)
    {
        var bare = new BareLoop(size);
        return new(seed =>
        {
            var (messages, retries) = (bare.Messages, bare.Retries);
            bare.Run(seed);
            messages = bare.Messages - messages;
            if (messages != size.Messages(bare.Retries - retries)) throw new InvalidOperationException("not the messages of the protocol");
            return messages;
        });
    }
}
