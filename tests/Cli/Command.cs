using GmemActors.Cli;

namespace GmemActors.Tests.Cli;

/// <summary>Runs the command in this process, on small models.</summary>
internal sealed record Command(int ExitCode, string Output, string Error)
{
    /// <summary>The words of a line, as a shell splits them; <c>''</c> is an empty one.</summary>
    internal static Command Run(string line, System.Threading.CancellationToken stop = default) =>
        Run(SmallLaboratory.Create, [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "''" ? "" : word)], stop);

    internal static Command Run(Func<Laboratory> laboratory, string[] arguments, System.Threading.CancellationToken stop = default)
    {
        var (output, error) = (new System.IO.StringWriter { NewLine = "\n" }, new System.IO.StringWriter { NewLine = "\n" });
        var code = new CommandRunner(new(new(laboratory), output, error, Stop: stop)).Run(arguments);
        return new(code, output.ToString(), error.ToString());
    }
}
