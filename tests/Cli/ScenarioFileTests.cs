using System.Text.Json;
using GmemActors.Cli;
using GmemActors.Scenarios.Files;

namespace GmemActors.Tests.Cli;

/// <summary>A path to a scenario file is taken wherever a name is, and means the same.</summary>
public sealed class ScenarioFileTests : IDisposable
{
    private const string Name = "punch-hole-two-vms";
    private readonly TemporaryFolder _folder = new();
    private readonly string _file;

    public ScenarioFileTests() => _file = _folder.Write("mine.yaml", ScenarioFolder.Text(Name));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--kernel gmem-v12")]
    [InlineData("--kernel 7.2 --schedules 200 --strategy pct")]
    [InlineData("--schedules 50 --with only-callers-file --seed 9")]
    public void It_is_explored_as_the_scenario_of_that_name(string options)
    {
        var (named, read) = (Run($"explore {Name} {options}"), Run($"explore {_file} {options}"));

        Assert.Equal(named.ExitCode, read.ExitCode);
        Assert.Equal("", read.Error);
        Assert.Equal(Masked.Of(named.Output), Masked.Of(read.Output.Replace(_file, Name, StringComparison.Ordinal)));
        Assert.Contains(_file, read.Output);
    }

    [Fact]
    public void It_is_replayed_as_the_scenario_of_that_name()
    {
        var (named, read) = (Run($"replay {Name} --kernel gmem-v12 --seed 1 --json"), Run($"replay {_file} --kernel gmem-v12 --seed 1 --json"));

        Assert.Equal(named.Output, read.Output.Replace(_file, Name, StringComparison.Ordinal));
        Assert.Equal(ExitCode.Success, read.ExitCode);
    }

    [Fact]
    public void Its_schedule_names_it_and_replays_with_the_file()
    {
        var explored = Run($"explore {_file} --kernel gmem-v12 --json --out {_folder.Folder}");
        var finding = JsonDocument.Parse(explored.Output).RootElement.GetProperty("scenarios")[0].GetProperty("findings")[0];
        var schedule = finding.GetProperty("schedule").GetString()!;
        Assert.Contains(Name, System.IO.File.ReadAllText(schedule));

        var replayed = Run($"replay {_file} --schedule {schedule} --json");

        Assert.Equal(finding.GetProperty("trace").GetString(), JsonDocument.Parse(replayed.Output).RootElement.GetProperty("fingerprint").GetString());
        Assert.Contains($"gmem replay {_file} --schedule {schedule}", replayed.Output);
    }

    [Fact]
    public void A_schedule_of_another_scenario_is_refused()
    {
        var schedule = _folder.PathOf("x.schedule");
        Run($"replay punch-hole-vs-fault --kernel gmem-v12 --seed 1 --out {schedule}");

        var run = Run($"replay {_file} --schedule {schedule}");

        MisuseTests.AssertMisuse(run);
        Assert.Contains("was recorded of punch-hole-vs-fault", run.Error);
    }

    [Fact]
    public void What_is_wrong_in_it_is_one_line_with_its_place()
    {
        var file = _folder.Write("wrong.yaml", ScenarioFolder.Text(Name).Replace("- punch_hole", "- punch_hol", StringComparison.Ordinal));

        var run = Run($"explore {file}");

        MisuseTests.AssertMisuse(run);
        Assert.Matches(@"wrong\.yaml:[0-9]+:7: found 'punch_hol'; expected an operation \(did you mean punch_hole\?\)", run.Error);
    }

    [Theory]
    [InlineData("replay missing.yaml --seed 1", "scenario file 'missing.yaml' does not exist")]
    [InlineData("explore ./missing", "scenario file './missing' does not exist")]
    [InlineData("explore /", "scenario file '/' is a folder: name a scenario file")]
    [InlineData("explore /dev/zero", "scenario file '/dev/zero' is too large: it does not end, at most 256 KiB are read")]
    [InlineData("explore prefault-vs-delete --kernel 6.8", "scenario prefault-vs-delete is not for kernel 6.8: it is for ")]
    public void A_file_that_cannot_be_read_is_misuse(string line, string says)
    {
        var run = Run(line);

        MisuseTests.AssertMisuse(run);
        Assert.Contains(says, run.Error);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_found()
    {
        var file = _folder.PathOf("bytes.yaml");
        System.IO.File.WriteAllBytes(file, [.. "scenario: x\npoint: "u8, 0xFF, 0xFE]);

        var run = Run($"explore {file}");

        MisuseTests.AssertMisuse(run);
        Assert.Contains(":2:8: found the byte 0xFF, which is no UTF-8; expected text", run.Error);
    }

    [Fact]
    public void Of_all_scenarios_those_are_explored_that_are_for_the_kernel()
    {
        var run = Run("explore --all --kernel 6.8 --schedules 2 --json");

        var names = JsonDocument.Parse(run.Output).RootElement.GetProperty("scenarios").EnumerateArray().Select(one => one.GetProperty("scenario").GetString());
        Assert.Contains(Name, names);
        Assert.DoesNotContain("prefault-vs-delete", names);
    }

    private static Command Run(string line) => Command.Run(KernelLaboratory.Create, line.Split(' '));
}
