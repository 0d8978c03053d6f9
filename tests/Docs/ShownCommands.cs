using System.IO;

namespace GmemActors.Tests.Docs;

/// <summary>A page with commands and what they print: <c>$ gmem …</c> in a block of code, and all lines up to the next one.</summary>
internal sealed class ShownCommands
{
    private const string Prompt = "$ gmem ";
    private const string Fence = "```";

    private readonly string _path;
    private readonly List<string> _lines;

    internal ShownCommands(string path)
    {
        _path = path;
        _lines = [.. File.ReadAllText(path).Split('\n')];
    }

    /// <summary>The commands, without the name of the program.</summary>
    internal IReadOnlyList<string> All => [.. _lines.Where(IsCommand).Select(line => line[Prompt.Length..])];

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

    private static bool IsCommand(string line) => line.StartsWith(Prompt, StringComparison.Ordinal);

    private (int First, int Count) Place(string command)
    {
        var first = _lines.IndexOf(Prompt + command) + 1;
        var end = _lines.FindIndex(first, line => IsCommand(line) || line == Fence);

        // A blank line before the next command is there for the eye.
        if (IsCommand(_lines[end]) && _lines[end - 1].Length == 0) end--;
        return (first, end - first);
    }
}
