using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GmemActors.Cli;

/// <summary>Files that are written whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Makes sure that files can be written to a folder, before anything is run.</summary>
    internal static void CheckFolder(string folder)
    {
        if (folder.Length == 0) throw new MisuseException("--out '' is no folder: name one");
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
            if (!File.Exists(file)) Probe(FolderOf(file));
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw new MisuseException($"cannot write --out {MisuseException.Quote(file)}: {exception.Message}");
        }
    }

    /// <summary>Writes a file beside its place first, so that nobody ever sees half of it.</summary>
    /// <remarks>A link, a device or a pipe stays what it is, and the text goes where it leads.</remarks>
    internal static void Write(string file, string text)
    {
        try
        {
            if (!File.Exists(file)) WriteBeside(file, text);
            else if (new FileInfo(file).LinkTarget is not null) File.WriteAllText(file, text);
            else Overwrite(file, text);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw new MisuseException($"cannot write {MisuseException.Quote(file)}: {exception.Message}");
        }
    }

    private static void WriteBeside(string file, string text)
    {
        var temporary = Temporary(FolderOf(file));
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Opened once only: to open a pipe is to be its writer, and to close it ends what the reader gets.
    private static void Overwrite(string file, string text)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
        if (IsPlain(handle))
        {
            WriteBeside(file, text);
            return;
        }

        using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    // Nothing but a plain file can be given a length, be it the one it has.
    private static bool IsPlain(SafeFileHandle handle)
    {
        try
        {
            RandomAccess.SetLength(handle, RandomAccess.GetLength(handle));
            return true;
        }
        catch (Exception exception) when (IsFault(exception))
        {
            return false;
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
