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
        var bytes = InputFile.Read(file, name, Largest, "a file that 'gmem explore --out' wrote");
        using var reader = new StreamReader(new MemoryStream(bytes));
        return ScheduleFile.TryRead(reader.ReadToEnd(), out var schedule, out var error)
            ? schedule
            : throw new MisuseException($"{name}: {error}");
    }
}
