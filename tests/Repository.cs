namespace GmemActors.Tests;

/// <summary>The working copy that the tests were built from.</summary>
internal static class Repository
{
    private const string Solution = "GmemActors.sln";

    internal static string Root { get; } = Find();

    internal static bool UpdatesGolden { get; } = Environment.GetEnvironmentVariable("GMEM_UPDATE_GOLDEN") == "1";

    internal static string PathOf(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(System.IO.Path.Combine(folder, Solution)))
        {
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"no {Solution} above the tests");
        }

        return folder;
    }
}
