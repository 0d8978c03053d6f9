using System.IO;
using GmemActors.Actors;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Tests.Docs;

public class ScenariosPageTests
{
    private static string Page => Repository.PathOf("docs/scenarios.md");

    [Fact]
    public void The_page_is_what_the_tables_say()
    {
        var page = ScenariosPage.Write();

        if (Repository.UpdatesGolden) File.WriteAllText(Page, page);
        Assert.Equal(page, File.ReadAllText(Page));
    }

    [Fact]
    public void Every_operation_names_a_function_of_the_kernel_map()
    {
        var map = File.ReadAllText(Repository.PathOf("docs/kernel-map.md"));

        Assert.All(OperationTable.All, operation => Assert.Contains($"`{operation.Function}()`", map, StringComparison.Ordinal));
    }

    [Fact]
    public void Operations_have_names_of_their_own_and_defaults_at_the_end()
    {
        Assert.Equal(OperationTable.All.Count, OperationTable.All.Select(operation => operation.Name).Distinct().Count());
        Assert.All(OperationTable.All, operation => Assert.True(operation.IsGuest == operation.Run is null, operation.Name));
        Assert.All(OperationTable.All, operation => Assert.DoesNotContain(Errno.None, operation.Errnos));
        Assert.All(
            OperationTable.All,
            operation => Assert.DoesNotContain(operation.Parameters.SkipWhile(parameter => parameter.Default is null), parameter => parameter.Default is null));
    }
}
