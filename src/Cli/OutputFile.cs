using System.IO;

namespace GmemActors.Cli;

/// <summary>Files that are written whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Makes sure that files can be written to a folder, before anything is run.</summary>
    internal static void CheckFolder(string folder)
    {
        if (File.Exists(folder)) throw new MisuseException($"--out {MisuseException.Quote(folder)} is a file: name a folder");
        try
        {
            Directory.CreateDirectory(folder);
            Probe(folder);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw new MisuseException($"cannot write to --out {MisuseException.Quote(folder)}: {exception.Message}");
        }
    }

    /// <summary>Makes sure that a file can be written, before anything is run.</summary>
    internal static void CheckFile(string file)
    {
        if (Directory.Exists(file)) throw new MisuseException($"--out {MisuseException.Quote(file)} is a folder: name a file");
        try
        {
            Probe(FolderOf(file));
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw new MisuseException($"cannot write --out {MisuseException.Quote(file)}: {exception.Message}");
        }
    }

    /// <summary>Writes a file beside its place first, so that nobody ever sees half of it.</summary>
    internal static void Write(string file, string text)
    {
        try
        {
            var temporary = Temporary(FolderOf(file));
            File.WriteAllText(temporary, text);
            File.Move(temporary, file, overwrite: true);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw new MisuseException($"cannot write {MisuseException.Quote(file)}: {exception.Message}");
        }
    }

    private static void Probe(string folder)
    {
        var probe = Temporary(folder);
        File.WriteAllText(probe, "");
        File.Delete(probe);
    }

    private static string FolderOf(string file)
    {
        var name = System.IO.Path.GetFileName(file);
        if (name.Length == 0) throw new IOException("the name of a file is missing");
        return System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file)) ?? ".";
    }

    private static string Temporary(string folder) => System.IO.Path.Combine(folder, $".gmem-{Guid.NewGuid():N}.tmp");

    private static bool IsFault(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
