using System.CommandLine;
using System.CommandLine.Parsing;

namespace GmemActors.Cli;

/// <summary>The command <c>gmem</c>: parses, runs a verb, and turns whatever goes wrong into one line and an exit code.</summary>
internal sealed class CommandRunner(Session session)
{
    private const int LongestLine = 500;

    internal int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            return Flushed(Invoke(arguments));
        }
        catch (Exception exception) when (IsFaultOfAStream(exception))
        {
            return Fail(ExitCode.Misuse, $"cannot write the output: {(exception.InnerException ?? exception).Message}");
        }
    }

    private int Flushed(int code)
    {
        session.Output.Flush();
        return code;
    }

    private int Invoke(IReadOnlyList<string> arguments)
    {
        try
        {
            var parsed = Root().Parse(arguments, new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            CheckDashes(parsed.CommandResult);
            if (parsed.Errors.Count > 0) throw new MisuseException(Describe(parsed));
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = session.Output,
                Error = session.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (MisuseException misuse)
        {
            return Fail(ExitCode.Misuse, misuse.Message);
        }
        catch (Exception exception) when (!IsFaultOfAStream(exception))
        {
            var kind = exception is OwnBugException ? "" : $" ({exception.GetType().Name})";
            return Fail(ExitCode.OwnBug, $"bug in gmem itself: {exception.Message}{kind}");
        }
    }

    private RootCommand Root()
    {
        var root = new RootCommand("Tries the interleavings of KVM's guest_memfd paths until one goes wrong.")
        {
            ListCommand.Create(session), ExploreCommand.Create(session), ReplayCommand.Create(session), MatrixCommand.Create(session),
        };
        root.Directives.Clear();
        root.SetAction(NothingToDo);
        return root;
    }

    private static int NothingToDo(ParseResult parsed) =>
        throw new MisuseException("nothing to do: type 'gmem list', 'gmem explore SCENARIO' or 'gmem --help'");

    private static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count == 0) return parsed.Errors[0].Message;
        var (typed, isVerb) = (parsed.UnmatchedTokens[0], command is RootCommand);
        if (typed.StartsWith('-')) return UnknownOption(command, typed);
        var known = isVerb ? command.Subcommands.Select(verb => verb.Name) : [];
        return $"unknown {(isVerb ? "verb" : "argument")} {Names.Meant(typed, known, Help(command))}";
    }

    // To the parser a mistyped option is one more argument, and an option that follows one without its value is that value.
    private static void CheckDashes(CommandResult command)
    {
        foreach (var result in command.Children)
        {
            foreach (var typed in result.Tokens.Select(token => token.Value).Where(value => value.StartsWith('-')))
            {
                if (result is ArgumentResult) throw new MisuseException(UnknownOption(command.Command, typed));
                if (result is OptionResult option && command.Command.Options.Any(known => known.Name == typed))
                {
                    throw new MisuseException($"option '{option.Option.Name}' has no value: '{typed}' follows it; {Help(command.Command)}");
                }
            }
        }
    }

    private static string UnknownOption(Command command, string typed) =>
        $"unknown option {Names.Meant(typed, command.Options.Select(option => option.Name), Help(command))}";

    private static string Help(Command command) => $"see 'gmem {(command is RootCommand ? "" : command.Name + " ")}--help'";

    private int Fail(int code, string message)
    {
        var line = string.Concat(message.Select(letter => char.IsControl(letter) ? ' ' : letter));
        try
        {
            session.Error.WriteLine($"gmem: {(line.Length <= LongestLine ? line : line[..LongestLine] + "…")}");
        }
        catch (Exception exception) when (IsFaultOfAStream(exception))
        {
            // Nobody can be told; the exit code is all that is left.
        }

        return code;
    }

    // A stream that was closed before the program began says that access is denied.
    private static bool IsFaultOfAStream(Exception exception) => exception is System.IO.IOException or UnauthorizedAccessException;
}
