using System.IO;
using System.Text;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>Reads the schedule that a user names.</summary>
internal static class ScheduleSource
{
    private const long Largest = 64 << 20;

    internal static Schedule Read(string file)
    {
        var name = $"schedule {MisuseException.Quote(file)}";
        return ScheduleFile.TryRead(Text(file, name), out var schedule, out var error)
            ? schedule
            : throw new MisuseException($"{name}: {error}");
    }

    private static string Text(string file, string name)
    {
        if (Directory.Exists(file)) throw new MisuseException($"{name} is a folder: name a file that 'gmem explore --out' wrote");
        if (!File.Exists(file)) throw new MisuseException($"{name} does not exist");
        try
        {
            var size = new FileInfo(file).Length;
            if (size > Largest) throw TooLarge(name, $"{size >> 20} MiB");

            // A pipe or a device has no size, and may have no end either.
            using var reader = new StreamReader(file);
            var (text, piece) = (new StringBuilder(), new char[1 << 16]);
            for (int length; (length = reader.Read(piece)) > 0; text.Append(piece, 0, length))
            {
                if (text.Length + length > Largest) throw TooLarge(name, "it does not end");
            }

            return text.Length > 0 ? text.ToString() : throw new MisuseException($"{name} is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MisuseException($"{name} cannot be read: {exception.Message}");
        }
    }

    private static MisuseException TooLarge(string name, string why) =>
        new($"{name} is too large: {why}, at most {Largest >> 20} MiB are read");
}
