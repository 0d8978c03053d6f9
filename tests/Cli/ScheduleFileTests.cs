using System.Diagnostics;
using GmemActors.Cli;

namespace GmemActors.Tests.Cli;

public sealed class ScheduleFileTests : IDisposable
{
    private const string Recorded = "gmem-schedule 1\nscenario ab-ba\nkernel v2\nwith harmless\n\npunch lock_page counter\nvcpu0 mmu_lock counter\nend\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_schedule_replays_with_the_kernel_and_the_bugs_it_was_recorded_with()
    {
        var run = Replay(Recorded, "--json");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains("\"kernel\": \"v2\"", run.Output);
        Assert.Contains("\"harmless\"", run.Output);
        Assert.Contains("\"kind\": \"deadlock\"", run.Output);
    }

    [Fact]
    public void What_is_typed_may_repeat_what_the_schedule_says()
    {
        var run = Replay(Recorded, "ab-ba --kernel v2 --with harmless");

        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Success, run.ExitCode);
    }

    [Theory]
    [InlineData("", "", "is empty")]
    [InlineData("\n", "", "not a schedule: the first line is not 'gmem-schedule 1'")]
    [InlineData("\0\u0001\u0002", "", "not a schedule")]
    [InlineData("gmem-schedule 2\nscenario ab-ba\n\nend\n", "", "a schedule of version 2; this program reads version 1")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\n\npunch lock_page counter\n", "", "cut off")]
    [InlineData("gmem-schedule 1\n\nend\n", "", "no line 'scenario NAME'")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\n\nlet it be\u001b\nwell well\nend\n", "", "line 5: expected TASK MESSAGE ACTOR")]
    [InlineData("gmem-schedule 1\nscenario abba\n\nend\n", "", "no scenario 'abba'; did you mean ab-ba?")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\nkernel v9\n\nend\n", "", "no kernel 'v9'")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\nwith\n\nend\n", "", "no bug ''")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\nkernl v1\n\nend\n", "", "no setting 'kernl'; did you mean kernel?")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\nkernel v1\nkernel v2\n\nend\n", "", "the setting 'kernel' is there twice")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\nscenario locked\n\nend\n", "", "no setting 'scenario'")]
    [InlineData(Recorded + Recorded, "", "line 9: nothing may follow the line 'end'; found: gmem-schedule 1")]
    [InlineData("gmem-schedule 1\nscenario ab-ba\n\nnobody lock_page counter\nend\n", "", "leaves the rails at step 1")]
    [InlineData(Recorded, "locked", "was recorded of ab-ba, not 'locked': leave that out")]
    [InlineData(Recorded, "--kernel v1", "was recorded in v2, not 'v1': leave that out")]
    [InlineData(Recorded, "--with unlocked", "was recorded with harmless, not 'unlocked': leave that out")]
    public void A_schedule_that_cannot_be_used_says_why(string text, string options, string says)
    {
        var run = Replay(text, options);

        Assert.Contains(says, run.Error);
        MisuseTests.AssertMisuse(run);
    }

    [Fact]
    public void A_huge_file_is_not_read()
    {
        using (var file = System.IO.File.Create(_folder.PathOf("huge"))) file.SetLength(1L << 30);

        var run = Command.Run($"replay --schedule {_folder.PathOf("huge")}");

        Assert.Contains("is too large: 1024 MiB, at most 64 MiB are read", run.Error);
        MisuseTests.AssertMisuse(run);
    }

    [Fact]
    public void A_pipe_is_read_to_its_end()
    {
        if (!OperatingSystem.IsLinux()) return;
        var (file, pipe) = (_folder.Write("a.schedule", Recorded), _folder.PathOf("pipe"));
        using (var made = Process.Start("mkfifo", pipe)) made.WaitForExit();
        using var writer = Process.Start("cp", [file, pipe]);

        var run = Command.Run($"replay --schedule {pipe}");

        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Success, run.ExitCode);
    }

    [Fact]
    public void A_device_that_does_not_end_is_not_read_for_ever()
    {
        if (!OperatingSystem.IsLinux()) return;

        var run = Command.Run("replay --schedule /dev/zero");

        Assert.Contains("is too large: it does not end, at most 64 MiB are read", run.Error);
        MisuseTests.AssertMisuse(run);
    }

    private Command Replay(string text, string options) =>
        Command.Run($"replay --schedule {_folder.Write("a.schedule", text)} {options}");
}
