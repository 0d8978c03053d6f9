namespace GmemActors.Cli;

/// <summary>A bug of this program or of the model's own code, with the command that shows it again.</summary>
internal sealed class OwnBugException(string message, string replay) : Exception($"{message}; to see it again: {replay}");
