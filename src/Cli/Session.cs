namespace GmemActors.Cli;

/// <summary>What a command has to do with the world outside.</summary>
/// <param name="Laboratory">What there is to explore; made when it is first asked for.</param>
/// <param name="Output">Standard output: results and nothing else.</param>
/// <param name="Error">Standard error: one line of misuse, or progress.</param>
/// <param name="IsTerminal">Whether somebody watches standard error.</param>
/// <param name="Stop">Ctrl-C.</param>
internal sealed record Session(
    Lazy<Laboratory> Laboratory,
    System.IO.TextWriter Output,
    System.IO.TextWriter Error,
    bool IsTerminal = false,
    System.Threading.CancellationToken Stop = default);
