using System.Diagnostics;
using System.Text;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Files;

namespace GmemActors.Tests.Scenarios.Files;

/// <summary>Files that are damaged end in one clear line, or run and end: they never crash, and never hang.</summary>
/// <remarks>GMEM_FUZZ says how many, from which seed on: <c>GMEM_FUZZ=10000</c>.</remarks>
public class FuzzTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const long StepLimit = 2000;

    private static readonly string[] Numbers =
        ["0", "-1", "1", "4095", "4096", "8K", "3G", "0x1000", "0xfffffffffffff000", "18446744073709551615", "18446744073709551616", "1e9", "99999999999999999999999"];

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("GMEM_FUZZ"), out var count) ? count : 1000;

    [Fact]
    public void A_damaged_file_ends_in_a_clear_line_or_runs()
    {
        string[] texts = [Sample.Text, .. ScenarioFolder.Names.Select(ScenarioFolder.Text)];
        var (refused, ran, slowest) = (0, 0, TimeSpan.Zero);
        for (var seed = 0; seed < Count; seed++)
        {
            var prng = new Prng((ulong)seed);
            var text = Damage(texts[prng.Below(texts.Length)], prng);
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

    private static string Damage(string text, Prng prng)
    {
        for (var i = prng.Below(3); i >= 0; i--)
        {
            text = prng.Below(7) switch
            {
                0 => FlipLetters(text, prng),
                1 => MoveLine(text, prng),
                2 or 3 => ChangeNumber(text, prng),
                4 => RepeatLine(text, prng),
                5 => ChangeWord(text, prng),
                _ => CutLine(text, prng),
            };
        }

        return text;
    }

    private static string FlipLetters(string text, Prng prng)
    {
        var letters = new StringBuilder(text);
        for (var i = prng.Below(4); i >= 0 && letters.Length > 0; i--) letters[prng.Below(letters.Length)] ^= (char)(1 << prng.Below(8));
        return letters.ToString();
    }

    private static string MoveLine(string text, Prng prng)
    {
        var lines = text.Split('\n').ToList();
        var from = prng.Below(lines.Count);
        var line = lines[from];
        lines.RemoveAt(from);
        lines.Insert(prng.Below(lines.Count + 1), prng.Below(2) == 0 ? line : "  " + line);
        return string.Join('\n', lines);
    }

    private static string RepeatLine(string text, Prng prng)
    {
        var lines = text.Split('\n').ToList();
        var at = prng.Below(lines.Count);
        lines.InsertRange(at, Enumerable.Repeat(lines[at], 1 + prng.Below(40)));
        return string.Join('\n', lines);
    }

    private static string CutLine(string text, Prng prng)
    {
        var lines = text.Split('\n').ToList();
        var at = prng.Below(lines.Count);
        if (prng.Below(2) == 0) lines.RemoveAt(at);
        else lines[at] = lines[at][..prng.Below(lines[at].Length + 1)];
        return string.Join('\n', lines);
    }

    private static string ChangeNumber(string text, Prng prng)
    {
        var starts = Enumerable.Range(1, text.Length - 1).Where(i => char.IsAsciiDigit(text[i]) && text[i - 1] is ' ' or '[').ToList();
        if (starts.Count == 0) return text;
        var start = starts[prng.Below(starts.Count)];
        var end = start;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        return text[..start] + Numbers[prng.Below(Numbers.Length)] + text[end..];
    }

    private static string ChangeWord(string text, Prng prng)
    {
        var words = text.Split(' ');
        words[prng.Below(words.Length)] = words[prng.Below(words.Length)];
        return string.Join(' ', words);
    }
}
