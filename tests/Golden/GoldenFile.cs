namespace GmemActors.Tests.Golden;

/// <summary>Compares a text with a file beside this one; <c>GMEM_UPDATE_GOLDEN=1</c> writes the file instead.</summary>
internal static class GoldenFile
{
    internal static void Check(string name, string actual)
    {
        var path = Repository.PathOf("tests", "Golden", name);
        if (Repository.UpdatesGolden) System.IO.File.WriteAllText(path, actual);
        Assert.True(System.IO.File.Exists(path), $"no golden file {name}; GMEM_UPDATE_GOLDEN=1 writes it. It would be:\n{actual}");
        Assert.Equal(System.IO.File.ReadAllText(path), actual);
    }
}
