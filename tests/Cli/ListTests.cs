using System.Text.Json;
using GmemActors.Cli;
using GmemActors.Tests.Golden;

namespace GmemActors.Tests.Cli;

public class ListTests
{
    [Theory]
    [InlineData("")]
    [InlineData("scenarios")]
    [InlineData("bugs")]
    [InlineData("kernels")]
    [InlineData("properties")]
    [InlineData("operations")]
    public void A_list_is_a_table_with_names_first(string noun)
    {
        var run = Command.Run($"list {noun}");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Equal("", run.Error);
        GoldenFile.Check($"list-{(noun.Length > 0 ? noun : "overview")}.txt", run.Output);
    }

    [Theory]
    [InlineData("scenarios", "lost-update")]
    [InlineData("bugs", "unlocked")]
    [InlineData("kernels", "v1")]
    [InlineData("strategies", "portfolio")]
    [InlineData("properties", "both count")]
    [InlineData("operations", "count cell")]
    public void A_list_in_json_is_an_array_of_what_has_a_name(string noun, string first)
    {
        var run = Command.Run($"list {noun} --json");

        var entries = JsonDocument.Parse(run.Output).RootElement.GetProperty(noun);
        Assert.Equal(first, entries[0].GetProperty("name").GetString());
    }

    [Fact]
    public void All_lists_are_in_one_document()
    {
        var lists = JsonDocument.Parse(Command.Run("list --json").Output).RootElement.EnumerateObject().Select(list => list.Name);

        Assert.Equal(["scenarios", "bugs", "kernels", "strategies", "properties", "operations"], lists);
    }
}
