using GmemActors.Cli;
using GmemActors.Tests.Cli;

namespace GmemActors.Tests.Docs;

/// <summary>What the README and the tutorial show is what the command prints; <c>GMEM_UPDATE_GOLDEN=1</c> writes it there.</summary>
public class ReadmeTests
{
    private const string Tutorial = "docs/model-your-patch.md";
    private const string File = "docs/my-patch.yaml";

    public static TheoryData<string, string> Commands
    {
        get
        {
            var commands = new TheoryData<string, string>();
            foreach (var page in new[] { "README.md", Tutorial })
            {
                foreach (var command in new ShownCommands(Repository.PathOf(page)).All) commands.Add(page, command);
            }

            return commands;
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_page_shows_what_the_command_prints(string path, string command)
    {
        var page = new ShownCommands(Repository.PathOf(path));

        // As in the folder of the repository, wherever the test runs.
        var words = command.Replace(File, Repository.PathOf(File), StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var run = Command.Run(KernelLaboratory.Create, words);

        var printed = (run.Output + run.Error).Replace(Repository.PathOf(File), File, StringComparison.Ordinal).TrimEnd('\n');
        if (Repository.UpdatesGolden && Masked.Of(page.OutputOf(command)) != Masked.Of(printed)) page.Replace(command, printed);
        Assert.Equal(Masked.Of(printed), Masked.Of(page.OutputOf(command)));
    }

    [Fact]
    public void The_tutorial_shows_its_scenario_as_it_is()
    {
        var page = System.IO.File.ReadAllText(Repository.PathOf(Tutorial));

        Assert.Contains($"```yaml\n{System.IO.File.ReadAllText(Repository.PathOf(File))}```", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tutorial_replays_what_it_has_found()
    {
        var page = new ShownCommands(Repository.PathOf(Tutorial));

        Assert.Equal(3, page.All.Count);
        Assert.Contains("clean", page.OutputOf(page.All[0]));
        Assert.StartsWith("FINDING", page.OutputOf(page.All[1]));
        Assert.EndsWith($"next: gmem {page.All[2]}", page.OutputOf(page.All[1]));
    }

    [Fact]
    public void The_tutorial_shows_code_that_is_there()
    {
        var lines = System.IO.File.ReadAllLines(Repository.PathOf(Tutorial));
        var (source, blocks) = ("", 0);
        for (var i = 0; i < lines.Length; i++)
        {
            var at = lines[i].IndexOf("`src/", StringComparison.Ordinal);
            if (at >= 0) source = lines[i][(at + 1)..lines[i].IndexOf('`', at + 1)];
            if (lines[i] != "```csharp") continue;
            var block = lines.Skip(i + 1).TakeWhile(line => line != "```").Select(line => line.Trim());
            var code = System.IO.File.ReadAllLines(Repository.PathOf(source)).Select(line => line.Trim());
            Assert.Contains(string.Join('\n', block), string.Join('\n', code), StringComparison.Ordinal);
            blocks++;
        }

        Assert.Equal(2, blocks);
    }
}
