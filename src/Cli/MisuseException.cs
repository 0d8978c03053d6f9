namespace GmemActors.Cli;

/// <summary>The command was not understood: one line that says what is wrong and what would be right.</summary>
internal sealed class MisuseException(string message) : Exception(message)
{
    /// <summary>What a user typed, as it may stand in that line.</summary>
    internal static string Quote(string typed) => $"'{(typed.Length <= 60 ? typed : typed[..60] + "…")}'";
}
