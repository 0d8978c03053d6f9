namespace GmemActors.Scenarios.Operations;

/// <summary>A place for a word behind the name of an operation or a condition.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Type">What it takes.</param>
/// <param name="Default">The word that stands there if none does; null if there must be one. Only the last ones have one.</param>
public sealed record Parameter(string Name, ArgumentType Type, string? Default = null)
{
    /// <summary>As the list of operations shows it: <c>[flags=none]</c>.</summary>
    public override string ToString() => Default is null ? Name : $"[{Name}={Default}]";
}
