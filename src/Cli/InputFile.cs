using System.IO;

namespace GmemActors.Cli;

/// <summary>Files that a user names to be read: whole, or one line that says why not.</summary>
internal static class InputFile
{
    /// <summary>What stands in a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="largest">As many bytes as are read.</param>
    /// <param name="instead">What to name instead of a folder.</param>
    internal static byte[] Read(string file, string name, long largest, string instead)
    {
        if (Directory.Exists(file)) throw new MisuseException($"{name} is a folder: name {instead}");
        if (!File.Exists(file)) throw new MisuseException($"{name} does not exist");
        try
        {
            var size = new FileInfo(file).Length;
            if (size > largest) throw TooLarge(name, Size(size), largest);

            // A pipe or a device has no size, and may have no end either.
            using var stream = File.OpenRead(file);
            using var bytes = new MemoryStream();
            var piece = new byte[1 << 16];
            for (int length; (length = stream.Read(piece)) > 0; bytes.Write(piece, 0, length))
            {
                if (bytes.Length + length > largest) throw TooLarge(name, "it does not end", largest);
            }

            return bytes.Length > 0 ? bytes.ToArray() : throw new MisuseException($"{name} is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MisuseException($"{name} cannot be read: {exception.Message}");
        }
    }

    private static MisuseException TooLarge(string name, string why, long largest) =>
        new($"{name} is too large: {why}, at most {Size(largest)} are read");

    private static string Size(long bytes) => bytes >= 1 << 20 ? $"{bytes >> 20} MiB" : $"{bytes >> 10} KiB";
}
