using System.Text.Json;
using GmemActors.Cli;

namespace GmemActors.Tests.Cli;

public sealed class MatrixTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cell_says_whether_the_bug_is_found()
    {
        var run = Command.Run(Some("ab-ba", "locked"), ["matrix", "--schedules", "200"]);

        Assert.Equal("", run.Error);
        Assert.Equal(
            "        v1      v2\nlocked  absent  absent\nab-ba   found   found\n\nas the kernel versions say\n\nnext: gmem list bugs\n",
            run.Output);
        Assert.Equal(ExitCode.Success, run.ExitCode);
    }

    [Fact]
    public void A_cell_that_is_not_what_the_version_says_fails_the_run()
    {
        var run = Command.Run(Some("absent"), ["matrix", "--schedules", "20"]);

        Assert.Contains("absent is absent in v1, which has it: gmem explore absent --kernel v1 --seed 1", run.Output);
        Assert.Contains("2 cells differ from what the kernel versions say", run.Output);
        Assert.Equal(ExitCode.Finding, run.ExitCode);
    }

    [Fact]
    public void In_json_it_is_kernels_bugs_and_cells()
    {
        var run = Command.Run(KernelLaboratory.Create, ["matrix", "--json", "--schedules", "30", "--html", _folder.PathOf("matrix.html")]);

        var root = JsonDocument.Parse(run.Output).RootElement;
        var cells = root.GetProperty("cells");
        Assert.Equal("found", cells.GetProperty("only-callers-file").GetProperty("gmem-v12").GetString());
        Assert.Equal("absent", cells.GetProperty("only-callers-file").GetProperty("7.2").GetString());
        Assert.Equal("not applicable", cells.GetProperty("prefault-retries-invalid-slot").GetProperty("6.8").GetString());
        Assert.Equal(root.GetProperty("bugs").GetArrayLength(), cells.EnumerateObject().Count());
        Assert.Contains("<th>only-callers-file</th><td>found</td>", System.IO.File.ReadAllText(_folder.PathOf("matrix.html")));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void It_does_not_depend_on_the_number_of_workers(string workers)
    {
        var one = Command.Run(Some("ab-ba", "locked", "absent"), ["matrix", "--schedules", "20", "--json", "--workers", "2"]);

        Assert.Equal(one, Command.Run(Some("ab-ba", "locked", "absent"), ["matrix", "--schedules", "20", "--json", "--workers", workers]));
    }

    [Theory]
    [InlineData("matrix --schedules 0", "'0' is no number of schedules")]
    [InlineData("matrix --html /", "is a folder: name a file")]
    [InlineData("matrix 7.2", "unknown argument '7.2'")]
    public void Misuse_is_one_line(string line, string says)
    {
        var run = Command.Run(line);

        MisuseTests.AssertMisuse(run);
        Assert.Contains(says, run.Error);
    }

    private static Func<Laboratory> Some(params string[] names) => () =>
    {
        var laboratory = SmallLaboratory.Create();
        return laboratory with { Subjects = [.. laboratory.Subjects.Where(subject => names.Contains(subject.Name)).Select(subject => subject with { Bug = subject.Name })] };
    };
}
