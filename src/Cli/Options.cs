using System.CommandLine;

namespace GmemActors.Cli;

/// <summary>The options that several verbs have, made anew for each.</summary>
internal static class Options
{
    internal static Option<string?> Kernel() => Text("--kernel", "V", "The kernel version ('gmem list kernels').");

    internal static Option<string[]> With() => new("--with")
    {
        HelpName = "BUG",
        Description = "Puts a bug into the kernel ('gmem list bugs'); may be given several times.",
        DefaultValueFactory = _ => [],
    };

    internal static Option<string?> Strategy() => Text(
        "--strategy", "S", $"What chooses the order ('gmem list strategies'); {Experiment.DefaultStrategy} if not given.");

    internal static Option<bool> Json() => Flag("--json", "Prints one JSON document and nothing else.");

    internal static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    internal static Argument<T> Argument<T>(string name, ArgumentArity arity, string description) =>
        new(name) { Arity = arity, Description = description };

    internal static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
