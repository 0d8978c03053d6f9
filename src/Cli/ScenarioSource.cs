using System.Text;
using System.Text.Unicode;
using GmemActors.Scenarios.Files;

namespace GmemActors.Cli;

/// <summary>Reads the scenario file that a user names.</summary>
internal static class ScenarioSource
{
    private const long Largest = 1 << 18;

    internal static FileScenario Read(string file)
    {
        var bytes = InputFile.Read(file, $"scenario file {MisuseException.Quote(file)}", Largest, "a scenario file");
        var name = MisuseException.Quote(file)[1..^1];
        var text = Text(bytes, name);
        return ScenarioParser.TryParse(text, out var scenario, out var error) ? new(scenario) : throw new MisuseException($"{name}:{error}");
    }

    private static string Text(byte[] bytes, string name)
    {
        ReadOnlySpan<byte> rest = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes;
        if (Utf8.IsValid(rest)) return Encoding.UTF8.GetString(rest);
        var letters = new char[rest.Length];
        Utf8.ToUtf16(rest, letters, out var read, out var written, replaceInvalidSequences: false);
        var before = letters.AsSpan(0, written);
        var (line, column) = (before.Count('\n') + 1, written - before.LastIndexOf('\n'));
        throw new MisuseException($"{name}:{line}:{column}: found the byte 0x{rest[read]:X2}, which is no UTF-8; expected text");
    }
}
