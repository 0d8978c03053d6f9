using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace GmemActors.Engine;

/// <summary>The text form of a schedule: made to be read, cut and edited by hand.</summary>
/// <remarks>
/// A first line with the version; the settings, a line each; an empty line; the choices, a line each: <c>TASK MESSAGE ACTOR</c>
/// or <c>? TASK CHOSEN of COUNT WHAT</c>; <c>#</c> begins a comment; a last line <c>end</c>, by which a cut-off file is recognised.
/// </remarks>
public static class ScheduleFile
{
    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    private const string Magic = "gmem-schedule";
    private const string ModelSetting = "scenario";
    private const string End = "end";

    /// <summary>Writes a schedule as text.</summary>
    public static string Write(Schedule schedule)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Magic} {Version}\n{ModelSetting} {schedule.Model}\n");
        foreach (var (name, value) in schedule.Settings) text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        text.Append('\n');
        foreach (var choice in schedule.Choices) text.Append(choice).Append('\n');
        return text.Append(End).Append('\n').ToString();
    }

    /// <summary>Reads a schedule; if that cannot be done, says in one line why and what would be right.</summary>
    public static bool TryRead(
        string text, [NotNullWhen(true)] out Schedule? schedule, [NotNullWhen(false)] out string? error)
    {
        schedule = null;
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r', ' ', '\t')).ToArray();
        error = CheckFrame(lines);
        if (error is not null) return false;

        var settings = new List<KeyValuePair<string, string>>();
        var choices = new List<Choice>();
        var at = 1;
        for (; lines[at].Length > 0 && lines[at] != End; at++)
        {
            if (lines[at][0] == '#') continue;
            var words = lines[at].Split(' ', 2);
            settings.Add(new(words[0], words.Length > 1 ? words[1] : ""));
        }

        // Beyond the end there is nothing: two files put together are not a schedule.
        var rest = Array.FindIndex(lines, Array.IndexOf(lines, End) + 1, line => line.Length > 0 && line[0] != '#');
        if (rest >= 0)
        {
            error = $"line {rest + 1}: nothing may follow the line '{End}'; found: {Shorten(lines[rest])}";
            return false;
        }

        for (; lines[at] != End; at++)
        {
            if (lines[at].Length == 0 || lines[at][0] == '#') continue;
            if (!TryReadChoice(lines[at], out var choice))
            {
                error = $"line {at + 1}: expected TASK MESSAGE ACTOR, or ? TASK CHOSEN of COUNT WHAT; found: {Shorten(lines[at])}";
                return false;
            }

            choices.Add(choice);
        }

        var model = settings.FindIndex(setting => setting.Key == ModelSetting);
        if (model < 0)
        {
            error = $"no line '{ModelSetting} NAME' before the first empty line";
            return false;
        }

        var name = settings[model].Value;
        settings.RemoveAt(model);
        schedule = new(name, settings, choices);
        return true;
    }

    private static string? CheckFrame(string[] lines)
    {
        var first = lines[0].Split(' ');
        if (first[0] != Magic) return $"not a schedule: the first line is not '{Magic} {Version}'";
        if (first.Length != 2 || first[1] != Version.ToString(CultureInfo.InvariantCulture))
        {
            return $"a schedule of version {Shorten(string.Join(' ', first.Skip(1)))}; this program reads version {Version}";
        }

        return Array.IndexOf(lines, End) < 0 ? $"cut off: the last line is not '{End}'" : null;
    }

    private static bool TryReadChoice(string line, [NotNullWhen(true)] out Choice? choice)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        choice = words switch
        {
            ["?", var task, var chosen, "of", var count, ..] when Number(chosen) is { } value && Number(count) is { } bound && value < bound =>
                new DataChoice(task, value, bound, string.Join(' ', words.Skip(5))),
            ["?", ..] => null,
            [var task, var message, var actor] => new Delivery(task, message, actor),
            _ => null,
        };
        return choice is not null;
    }

    private static int? Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
