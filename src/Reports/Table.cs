using System.Globalization;
using System.Text;

namespace GmemActors.Reports;

/// <summary>One column a task, one row a step: as two CPUs stand beside each other in a mail to the kernel list.</summary>
/// <remarks>Only one cell of a row says anything, so a long one runs on over the empty columns to its right.</remarks>
internal sealed class Table
{
    private const int Frame = 3;
    private const int Least = 6;
    private const int LeastLast = 18;
    private const int LastColumn = 44;
    private const string Mark = " <-";

    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<Row> _rows;
    private readonly int[] _starts;
    private readonly int _gutter;
    private readonly int _end;

    internal Table(IReadOnlyList<string> tasks, IReadOnlyList<Row> rows, int width)
    {
        _rows = rows;
        _names = [.. tasks.Where(task => rows.Any(row => row.Task == task))];
        _gutter = rows.Max(row => row.Step)?.ToString(CultureInfo.InvariantCulture).Length + 1 ?? 0;
        var widths = Widths(width - _gutter - 1);
        _starts = new int[_names.Count];
        _end = _gutter;
        for (var i = 0; i < widths.Length; i++)
        {
            _starts[i] = _end;
            _end += widths[i] + Frame;
        }
    }

    internal void AppendTo(StringBuilder text)
    {
        var header = Line("");
        for (var i = 0; i < _names.Count; i++)
        {
            var next = i + 1 < _names.Count ? _starts[i + 1] : _end;
            Put(header, _starts[i] + 2, Cell.Cut(_names[i], next - _starts[i] - Frame));
        }

        text.Append(header).Append('\n');
        foreach (var row in _rows) text.Append(LineOf(row)).Append('\n');
    }

    private char[] LineOf(Row row)
    {
        var line = Line(row.Step?.ToString(CultureInfo.InvariantCulture) ?? "");
        var start = row.Task is null ? _gutter : _starts[IndexOf(row.Task)];
        var mark = row.IsMarked ? Mark.Length : 0;
        Put(line, start + 2, row.Cell.Fit(_end - start - Frame - mark));
        if (row.IsMarked) Put(line, _end - 1 - Mark.Length, Mark);
        return line;
    }

    private char[] Line(string step)
    {
        var line = new char[_end + 1];
        Array.Fill(line, ' ');
        foreach (var start in _starts) line[start] = '|';
        line[_end] = '|';
        Put(line, _gutter - 1 - step.Length, step);
        return line;
    }

    private void Put(char[] line, int at, string text)
    {
        if (text.Length == 0) return;
        text.CopyTo(0, line, at, text.Length);
        var after = at + text.Length;
        if (after > _gutter && after < _end && line[after] == '|') line[after] = ' ';
    }

    private int IndexOf(string task)
    {
        var index = 0;
        while (_names[index] != task) index++;
        return index;
    }

    // The last column has nowhere to run on to: the others make room for what it needs, as long as they can.
    private int[] Widths(int width)
    {
        var widths = _names.Select(Natural).ToArray();
        var (others, last) = (widths[..^1], widths[^1]);
        var room = width - (widths.Length * Frame);
        for (var over = others.Sum() + Math.Min(last, LastColumn) - room; over > 0 && others.Any(other => other > Least); over--)
        {
            others[Array.IndexOf(others, others.Max())]--;
        }

        return [.. others, Math.Min(last, Math.Max(LeastLast, room - others.Sum()))];
    }

    private int Natural(string name, int index)
    {
        var marked = index == _names.Count - 1 ? Mark.Length : 0;
        var cells = _rows.Where(row => row.Task == name)
            .Select(row => row.Cell.Fit(int.MaxValue).Length + (row.IsMarked ? marked : 0));
        return Math.Max(name.Length, cells.Max());
    }
}
