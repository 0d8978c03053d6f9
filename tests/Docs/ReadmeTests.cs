using GmemActors.Cli;
using GmemActors.Tests.Cli;

namespace GmemActors.Tests.Docs;

/// <summary>What the README shows is what the command prints; <c>GMEM_UPDATE_GOLDEN=1</c> writes it into the README.</summary>
public class ReadmeTests
{
    private static string Readme => Repository.PathOf("README.md");

    public static TheoryData<string> Commands => [.. new ShownCommands(Readme).All];

    [Theory]
    [MemberData(nameof(Commands))]
    public void The_readme_shows_what_the_command_prints(string command)
    {
        var page = new ShownCommands(Readme);

        var run = Command.Run(KernelLaboratory.Create, command.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        var printed = (run.Output + run.Error).TrimEnd('\n');
        if (Repository.UpdatesGolden && Masked.Of(page.OutputOf(command)) != Masked.Of(printed)) page.Replace(command, printed);
        Assert.Equal(Masked.Of(printed), Masked.Of(page.OutputOf(command)));
    }
}
