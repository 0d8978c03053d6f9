using System.IO;
using GmemActors.Cli;
using GmemActors.Engine;

namespace GmemActors.Tests.Cli;

/// <summary>A schedule that was cut off or damaged runs, or is misuse: it is never a crash, and never runs on without end.</summary>
public sealed class DamagedScheduleTests : IDisposable
{
    private const int Damages = 200;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_that_is_cut_off_anywhere_says_so()
    {
        var whole = Recorded();
        for (var length = 0; length < whole.Length - 1; length += 1 + (length / 50))
        {
            var run = Replay(whole[..length]);

            MisuseTests.AssertMisuse(run);
        }
    }

    [Fact]
    public void One_that_is_damaged_runs_or_is_misuse()
    {
        var whole = Recorded();
        var prng = new Prng(1);
        for (var i = 0; i < Damages; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var hits = 1 + prng.Below(6); hits > 0; hits--) bytes[prng.Below(bytes.Length)] = (byte)prng.Below(256);

            AssertRunsOrMisuse(Replay(bytes));
        }
    }

    [Fact]
    public void One_whose_lines_are_moved_doubled_or_dropped_runs_or_is_misuse()
    {
        var whole = System.Text.Encoding.UTF8.GetString(Recorded()).Split('\n');
        var prng = new Prng(2);
        for (var i = 0; i < Damages; i++)
        {
            var lines = whole.ToList();
            for (var hits = 1 + prng.Below(20); hits > 0; hits--)
            {
                var (from, to) = (prng.Below(lines.Count), prng.Below(lines.Count));
                var line = lines[from];
                if (prng.Below(3) > 0) lines.RemoveAt(from);
                if (prng.Below(3) > 0) lines.Insert(Math.Min(to, lines.Count), line);
            }

            AssertRunsOrMisuse(Replay(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines))));
        }
    }

    private static void AssertRunsOrMisuse(Command run)
    {
        if (run.ExitCode == ExitCode.Misuse)
        {
            MisuseTests.AssertMisuse(run);
            return;
        }

        Assert.Equal("", run.Error);
        Assert.True(run.ExitCode is ExitCode.Success or ExitCode.Finding);
        Assert.DoesNotContain("not ended after", run.Output);
    }

    private byte[] Recorded()
    {
        var file = _folder.PathOf("whole");
        Command.Run(KernelLaboratory.Create, ["replay", "punch-hole-vs-fault", "--kernel", "gmem-v12", "--seed", "14", "--out", file]);
        return File.ReadAllBytes(file);
    }

    private Command Replay(byte[] schedule)
    {
        var file = _folder.PathOf("damaged");
        File.WriteAllBytes(file, schedule);
        return Command.Run(KernelLaboratory.Create, ["replay", "--schedule", file]);
    }
}
