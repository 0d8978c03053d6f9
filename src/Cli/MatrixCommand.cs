using System.CommandLine;
using System.Net;

namespace GmemActors.Cli;

/// <summary><c>gmem matrix</c>: which bug is found in which kernel version.</summary>
internal static class MatrixCommand
{
    private const string DefaultSchedules = "500";

    internal static Command Create(Session session)
    {
        var (strategy, json) = (Options.Strategy(), Options.Json());
        var seed = Options.Text("--seed", "N", "The first seed; 1 if not given.");
        var schedules = Options.Text("--schedules", "N", $"How many seeds at most in each cell; {DefaultSchedules} if not given.");
        var workers = Options.Text("--workers", "N", "How many threads; as many as there are cores if not given.");
        var html = Options.Text("--html", "FILE", "Writes the table as a page, too.");
        var command = new Command("matrix", "Runs every bug's scenario in every kernel version, and says where it is found.") { strategy, seed, schedules, workers, json, html };
        command.SetAction(parsed =>
        {
            var laboratory = session.Laboratory.Value;
            var choice = Names.Strategy(parsed.GetValue(strategy) ?? Experiment.DefaultStrategy);
            var seeds = new SeedRange(Numbers.Seed(parsed.GetValue(seed) ?? "1"), Numbers.Schedules(parsed.GetValue(schedules) ?? DefaultSchedules));
            var threads = parsed.GetValue(workers) is { } number ? Numbers.Workers(number) : Environment.ProcessorCount;
            var file = parsed.GetValue(html);
            if (file is not null) OutputFile.CheckFile(file);
            var matrix = new Matrix(laboratory, (subject, kernel) => new(subject, kernel, [], choice), seeds);
            if (!matrix.Run(threads, session.Stop)) return ExitCode.Interrupted;
            if (file is not null) OutputFile.Write(file, Page(matrix));
            if (parsed.GetValue(json)) WriteJson(session.Output, matrix);
            else WriteTable(session.Output, matrix);
            return matrix.Differences.Count > 0 ? ExitCode.Finding : ExitCode.Success;
        });
        return command;
    }

    private static string Word(Cell cell) => cell switch
    {
        Cell.Found => "found",
        Cell.Absent => "absent",
        _ => "not applicable",
    };

    private static void WriteTable(System.IO.TextWriter output, Matrix matrix)
    {
        var width = matrix.Bugs.Select(bug => bug.Length).DefaultIfEmpty().Max();
        var columns = matrix.Kernels.Select(kernel => Math.Max(kernel.Length, "absent".Length)).ToList();
        output.WriteLine(Line("", matrix.Kernels));
        for (var bug = 0; bug < matrix.Bugs.Count; bug++)
        {
            output.WriteLine(Line(matrix.Bugs[bug], matrix.Kernels.Select((_, kernel) => matrix.Cells[bug, kernel] switch
            {
                Cell.Found => "found",
                Cell.Absent => "absent",
                _ => "-",
            })));
        }

        output.WriteLine();
        foreach (var difference in matrix.Differences) output.WriteLine(difference);
        output.WriteLine(matrix.Differences.Count == 0 ? "as the kernel versions say" : $"{Figures.Count(matrix.Differences.Count, "cell")} differ from what the kernel versions say");
        output.WriteLine("\nnext: gmem list bugs");

        string Line(string name, IEnumerable<string> words) =>
            $"{name.PadRight(width)}  {string.Join("  ", words.Select((word, i) => word.PadRight(columns[i])))}".TrimEnd();
    }

    private static void WriteJson(System.IO.TextWriter output, Matrix matrix) => JsonText.Write(output, json =>
    {
        WriteNames("kernels", matrix.Kernels);
        WriteNames("bugs", matrix.Bugs);
        json.WriteStartObject("cells");
        for (var bug = 0; bug < matrix.Bugs.Count; bug++)
        {
            json.WriteStartObject(matrix.Bugs[bug]);
            for (var kernel = 0; kernel < matrix.Kernels.Count; kernel++) json.WriteString(matrix.Kernels[kernel], Word(matrix.Cells[bug, kernel]));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteNames("differences", matrix.Differences);

        void WriteNames(string name, IReadOnlyList<string> names)
        {
            json.WriteStartArray(name);
            foreach (var one in names) json.WriteStringValue(one);
            json.WriteEndArray();
        }
    });

    private static string Page(Matrix matrix)
    {
        var head = string.Concat(matrix.Kernels.Select(kernel => $"<th>{WebUtility.HtmlEncode(kernel)}</th>"));
        var rows = matrix.Bugs.Select((name, bug) =>
            $"<tr><th>{WebUtility.HtmlEncode(name)}</th>{string.Concat(matrix.Kernels.Select((_, kernel) => $"<td>{Word(matrix.Cells[bug, kernel])}</td>"))}</tr>\n");
        return $"<!doctype html>\n<meta charset=\"utf-8\">\n<title>Bugs and kernel versions</title>\n<table>\n<tr><th></th>{head}</tr>\n{string.Concat(rows)}</table>\n";
    }
}
