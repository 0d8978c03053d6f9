using System.IO;

namespace GmemActors.Tests.Docs;

public class KernelMapTests
{
    private static string Page => Repository.PathOf("docs/kernel-map.md");

    [Fact]
    public void The_kernel_map_is_what_the_code_says()
    {
        var map = KernelMap.Write();

        if (Repository.UpdatesGolden) File.WriteAllText(Page, map);
        Assert.Equal(map, File.ReadAllText(Page));
    }

    [Fact]
    public void Every_place_that_says_it_is_simplified_is_in_the_map()
    {
        var places = KernelMap.Modelled
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf($"src/{folder}"), "*.cs", SearchOption.AllDirectories))
            .SelectMany(File.ReadAllLines)
            .Count(line => line.Contains("Simplified: ", StringComparison.Ordinal));

        Assert.Equal(places, KernelMap.Write().Split('\n').SkipWhile(line => line != "| where | what |").Skip(2).Count(line => line.Length > 0));
    }
}
