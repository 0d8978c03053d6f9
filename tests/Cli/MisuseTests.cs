using GmemActors.Cli;

namespace GmemActors.Tests.Cli;

public class MisuseTests
{
    [Theory]
    [InlineData("", "nothing to do: type 'gmem list', 'gmem explore SCENARIO' or 'gmem --help'")]
    [InlineData("explor", "unknown verb 'explor'; did you mean explore?")]
    [InlineData("--nonsense", "unknown option '--nonsense'; see 'gmem --help'")]
    [InlineData("list scenario", "there is no list of 'scenario'; did you mean scenarios?")]
    [InlineData("list xyzzy", "there is no list of 'xyzzy'; there are: scenarios, bugs, kernels, strategies, properties, operations")]
    [InlineData("list bugs kernels", "unknown argument 'kernels'")]
    [InlineData("explore", "no scenario: type 'gmem explore lost-update' or 'gmem explore --all'")]
    [InlineData("explore lost-updat", "no scenario 'lost-updat'; did you mean lost-update?")]
    [InlineData("explore xyzzy", "no scenario 'xyzzy'; see 'gmem list scenarios'")]
    [InlineData("explore ''", "no scenario ''")]
    [InlineData("explore no-such/locked.yaml", "'no-such/locked.yaml' is a file, and there are no files here")]
    [InlineData("explore locked --all", "either --all or names of scenarios, not both")]
    [InlineData("explore locked --nonsense", "unknown option '--nonsense'; see 'gmem explore --help'")]
    [InlineData("explore --all --kernl v1", "unknown option '--kernl'; did you mean --kernel?")]
    [InlineData("list --jsn", "unknown option '--jsn'; did you mean --json?")]
    [InlineData("[suggest]", "nothing to do")]
    [InlineData("explore locked --out --json", "option '--out' has no value: '--json' follows it; see 'gmem explore --help'")]
    [InlineData("replay locked --out --seed 1", "option '--out' has no value: '--seed' follows it")]
    [InlineData("explore locked --kernel v3", "no kernel 'v3'; did you mean v1 or v2?")]
    [InlineData("explore locked --with unlockd", "no bug 'unlockd'; did you mean unlocked?")]
    [InlineData("explore locked --with unlocked,", "no bug ''")]
    [InlineData("explore locked --strategy randm", "no strategy 'randm'; did you mean random?")]
    [InlineData("explore locked --strategy pct:x", "'x' is no depth of 'pct'")]
    [InlineData("explore locked --seed x", "'x' is no seed")]
    [InlineData("explore locked --seed -1", "'-1' is no seed")]
    [InlineData("explore locked --seed 18446744073709551616", "is no seed")]
    [InlineData("explore locked --seed 18446744073709551615", "is too large for 10,000 schedules")]
    [InlineData("explore locked --seed 1.5", "'1.5' is no seed")]
    [InlineData("explore locked --seed", "--seed")]
    [InlineData("explore locked --seed 1 --seed 2", "--seed")]
    [InlineData("explore locked --schedules 0", "'0' is no number of schedules")]
    [InlineData("explore locked --schedules -5", "'-5' is no number of schedules")]
    [InlineData("explore locked --schedules 1e9", "'1e9' is no number of schedules")]
    [InlineData("explore locked --schedules 99999999999999999999", "is no number of schedules")]
    [InlineData("explore locked --schedules 1000000000001", "is no number of schedules")]
    [InlineData("explore locked --workers 0", "'0' is no number of workers")]
    [InlineData("explore locked --workers 1000000000", "is no number of workers")]
    [InlineData("explore locked --shard 5/4", "'5/4' is no shard")]
    [InlineData("explore locked --shard 0/3", "'0/3' is no shard")]
    [InlineData("explore locked --shard 1/0", "'1/0' is no shard")]
    [InlineData("explore locked --shard x", "'x' is no shard")]
    [InlineData("explore locked --shard 1/2/3", "'1/2/3' is no shard")]
    [InlineData("explore locked --time soon", "'soon' is no time")]
    [InlineData("explore locked --time 5", "'5' is no time")]
    [InlineData("explore locked --time 0s", "'0s' is no time")]
    [InlineData("explore locked --time -1s", "'-1s' is no time")]
    [InlineData("explore locked --time 1e9h", "is no time")]
    [InlineData("explore locked --time 999999999h", "is no time")]
    [InlineData("explore locked --out /dev/null/x", "cannot write to --out '/dev/null/x'")]
    [InlineData("explore locked --out /dev/null", "--out '/dev/null' is a file: name a folder")]
    [InlineData("replay", "no scenario: type 'gmem replay lost-update --seed 1'")]
    [InlineData("replay locked", "neither --seed nor --schedule: type 'gmem replay locked --seed 1' or 'gmem replay --schedule FILE'")]
    [InlineData("replay lockd --seed 1", "no scenario 'lockd'; did you mean locked?")]
    [InlineData("replay locked --sed 1", "unknown option '--sed'; did you mean --seed?")]
    [InlineData("replay locked --seed x", "'x' is no seed")]
    [InlineData("replay locked --seed 1 --schedule x", "either --seed or --schedule, not both")]
    [InlineData("replay locked --seed 1 --as pdf", "there is no format 'pdf'; there are: text, json")]
    [InlineData("replay locked --seed 1 --as text --json", "either --json or --as text, not both")]
    [InlineData("replay locked --seed 1 --out /dev/null/x", "cannot write --out '/dev/null/x'")]
    [InlineData("replay locked --seed 1 --out /", "is a folder: name a file")]
    [InlineData("replay locked --seed 1 --out ''", "cannot write --out ''")]
    [InlineData("replay --schedule no-such-file", "schedule 'no-such-file' does not exist")]
    [InlineData("replay --schedule no-such-file --strategy random", "a schedule is replayed without a strategy")]
    [InlineData("replay --schedule /", "is a folder: name a file")]
    public void Misuse_is_one_line_that_says_what_would_be_right(string line, string says)
    {
        var run = Command.Run(line);

        Assert.Contains(says, run.Error);
        AssertMisuse(run);
    }

    [Fact]
    public void What_was_typed_cannot_break_the_line()
    {
        var run = Command.Run(SmallLaboratory.Create, ["explore", "a\nb\u001b[31m" + new string('x', 5000)]);

        Assert.True(run.Error.Length < 600);
        AssertMisuse(run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_output_that_cannot_be_written_is_one_line(bool isClosed)
    {
        var error = new System.IO.StringWriter { NewLine = "\n" };

        var code = new CommandRunner(new(new(SmallLaboratory.Create), new Unwritable(isClosed), error)).Run(["list"]);

        AssertMisuse(new(code, "", error.ToString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_nobody_can_be_told_the_exit_code_says_it(bool isClosed)
    {
        var nowhere = new Unwritable(isClosed);

        Assert.Equal(ExitCode.Misuse, new CommandRunner(new(new(SmallLaboratory.Create), nowhere, nowhere)).Run(["explor"]));
        Assert.Equal(ExitCode.Misuse, new CommandRunner(new(new(SmallLaboratory.Create), nowhere, nowhere)).Run(["list"]));
    }

    internal static void AssertMisuse(Command run)
    {
        Assert.Equal(ExitCode.Misuse, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("gmem: ", run.Error);
        Assert.Equal(run.Error.Length - 1, run.Error.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.Error);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    // A disk that is full, or a stream that was closed before the program began.
    private sealed class Unwritable(bool isClosed) : System.IO.StringWriter
    {
        public override void Flush() => throw (isClosed
            ? new UnauthorizedAccessException("Access to the path is denied.", new System.IO.IOException("Bad file descriptor"))
            : new System.IO.IOException("No space left on device"));

        public override void WriteLine(string? value) => Flush();
    }
}
