using System.IO;

namespace GmemActors.Tests.Docs;

/// <summary>A page with commands and what they print: <c>$ gmem …</c>, or how a checkout spells it, in a block of code, and all lines up to the next one.</summary>
internal sealed class ShownCommands
{
    private static readonly string[] Prompts = ["$ gmem ", "$ dotnet run -c Release --project src/Cli -- "];

    private const string Fence = "```";

    private readonly string _path;
    private readonly List<string> _lines;

    internal ShownCommands(string path)
    {
        _path = path;
        _lines = [.. File.ReadAllText(path).Split('\n')];
    }

    /// <summary>The commands, without the name of the program.</summary>
    internal IReadOnlyList<string> All => [.. _lines.Select(CommandOf).OfType<string>()];

    /// <summary>What the page says that a command prints.</summary>
    internal string OutputOf(string command)
    {
        var (first, count) = Place(command);
        return string.Join('\n', _lines.GetRange(first, count));
    }

    /// <summary>Writes what a command prints into the page.</summary>
    internal void Replace(string command, string output)
    {
        var (first, count) = Place(command);
        _lines.RemoveRange(first, count);
        _lines.InsertRange(first, output.Split('\n'));
        File.WriteAllText(_path, string.Join('\n', _lines));
    }

    private static string? CommandOf(string line)
    {
        var prompt = Array.Find(Prompts, prompt => line.StartsWith(prompt, StringComparison.Ordinal));
        return prompt is null ? null : line[prompt.Length..];
    }

    private (int First, int Count) Place(string command)
    {
        var first = _lines.FindIndex(line => CommandOf(line) == command) + 1;
        var end = _lines.FindIndex(first, line => CommandOf(line) is not null || line == Fence);

        // A blank line before the next command is there for the eye.
        if (_lines[end] != Fence && _lines[end - 1].Length == 0) end--;
        return (first, end - first);
    }
}
