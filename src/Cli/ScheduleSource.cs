using System.IO;
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
            if (size == 0) throw new MisuseException($"{name} is empty");
            return size <= Largest
                ? File.ReadAllText(file)
                : throw new MisuseException($"{name} is too large: {size >> 20} MiB, at most {Largest >> 20} are read");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MisuseException($"{name} cannot be read: {exception.Message}");
        }
    }
}
