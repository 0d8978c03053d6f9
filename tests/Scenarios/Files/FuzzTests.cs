using System.Diagnostics;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Files;

namespace GmemActors.Tests.Scenarios.Files;

/// <summary>Files that are damaged end in one clear line, or run and end: they never crash, and never hang.</summary>
/// <remarks>GMEM_FUZZ says how many, from which seed on: <c>GMEM_FUZZ=10000</c>.</remarks>
public class FuzzTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const long StepLimit = 2000;

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("GMEM_FUZZ"), out var count) ? count : 1000;

    [Fact]
    public void A_damaged_file_ends_in_a_clear_line_or_runs()
    {
        string[] texts = [Sample.Text, .. ScenarioFolder.Names.Select(ScenarioFolder.Text)];
        var (refused, ran, slowest) = (0, 0, TimeSpan.Zero);
        for (var seed = 0; seed < Count; seed++)
        {
            var prng = new Prng((ulong)seed);
            var text = Damaged.Of(texts[prng.Below(texts.Length)], prng);
            var clock = Stopwatch.StartNew();
            try
            {
                if (ScenarioParser.TryParse(text, out var file, out var error)) ran += Run(file, (ulong)seed);
                else refused += AssertClear(error);
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {exception}\n{text}");
            }

            slowest = slowest > clock.Elapsed ? slowest : clock.Elapsed;
        }

        output.WriteLine($"{refused} refused, {ran} ran, slowest {slowest.TotalMilliseconds:F0} ms");
        Assert.Equal(Count, refused + ran);
        Assert.InRange(refused, Count / 4, Count);
        Assert.InRange(ran, Count / 50, Count);
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static int Run(ScenarioFile file, ulong seed)
    {
        // A file that is read can be written, and is the same then.
        Assert.Equal(ScenarioWriter.Write(file), ScenarioWriter.Write(ScenarioParser.Parse(ScenarioWriter.Write(file))));
        var scenario = new FileScenario(file);
        foreach (var kernel in scenario.Kernels.Take(1).Append(KernelVersion.GmemV12))
        {
            var world = new World(new RandomWalk(seed), StepLimit);
            scenario.ToModel(kernel).Build(world);
            world.Run();
        }

        return 1;
    }

    private static int AssertClear(string error)
    {
        Assert.Matches("^[0-9]+:[0-9]+: found .+; expected .+$", error);
        Assert.DoesNotContain('\n', error);
        return 1;
    }
}
