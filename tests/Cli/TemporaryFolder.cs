using System.IO;

namespace GmemActors.Tests.Cli;

/// <summary>A folder of its own for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("gmem-test-").FullName;

    internal IEnumerable<string> Files => Directory.EnumerateFileSystemEntries(Folder).Select(file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal string PathOf(string name) => System.IO.Path.Combine(Folder, name);

    internal string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}
