namespace GmemActors.Cli;

/// <summary>What the command says to who called it: three kinds of failure, never mixed.</summary>
internal static class ExitCode
{
    /// <summary>All is as it should be.</summary>
    internal const int Success = 0;

    /// <summary>The model breaks what must hold, or does not show what it should.</summary>
    internal const int Finding = 1;

    /// <summary>The command was not understood.</summary>
    internal const int Misuse = 2;

    /// <summary>A bug of this program.</summary>
    internal const int OwnBug = 3;

    /// <summary>Stopped by Ctrl-C, as shells say it.</summary>
    internal const int Interrupted = 130;
}
