using System.Text.Json;
using GmemActors.Actors;
using GmemActors.Cli;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Cli;

public sealed class CatalogueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Scenarios => [.. Catalogue.All.Select(scenario => scenario.Name)];

    public static TheoryData<string> Showing => [.. Catalogue.All.Where(scenario => scenario.Shows is not null).Select(scenario => scenario.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Showing))]
    public void What_a_scenario_shows_is_expected_and_its_schedule_replays(string scenario)
    {
        var found = Catalogue.Find(scenario)!;
        var kernel = found.Kernels.FirstOrDefault(found.Expects);
        string[] with = kernel is null ? ["--kernel", found.Kernels[^1].Name, "--with", found.Shows!.Bug!.Name] : ["--kernel", kernel.Name];
        var explored = Command.Run(KernelLaboratory.Create, ["explore", scenario, .. with, "--json", "--out", _folder.Folder]);
        Assert.Equal(ExitCode.Success, explored.ExitCode);
        var finding = JsonDocument.Parse(explored.Output).RootElement.GetProperty("scenarios")[0].GetProperty("findings")[0];

        var replayed = Command.Run(KernelLaboratory.Create, ["replay", "--json", "--schedule", finding.GetProperty("schedule").GetString()!]);

        Assert.Equal("", replayed.Error);
        Assert.Equal(finding.GetProperty("trace").GetString(), JsonDocument.Parse(replayed.Output).RootElement.GetProperty("fingerprint").GetString());
        Assert.Equal(ExitCode.Success, replayed.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_kernel_without_the_bug_is_clean(string scenario)
    {
        var run = Command.Run(KernelLaboratory.Create, ["explore", scenario, "--kernel", Catalogue.Find(scenario)!.Kernels[^1].Name, "--schedules", "500"]);

        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Success, run.ExitCode);
    }

    [Theory]
    [InlineData("scenarios")]
    [InlineData("bugs")]
    [InlineData("kernels")]
    [InlineData("properties")]
    [InlineData("operations")]
    public void There_is_something_to_list(string noun)
    {
        var run = Command.Run(KernelLaboratory.Create, ["list", noun, "--json"]);

        Assert.True(JsonDocument.Parse(run.Output).RootElement.GetProperty(noun).GetArrayLength() > 1);
    }
}
