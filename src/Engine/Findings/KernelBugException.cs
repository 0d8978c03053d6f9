namespace GmemActors.Engine;

/// <summary>
/// The kernel cannot go on: an actor found a use after free, or a BUG() is hit. Ends the execution with a <see cref="KernelBug"/>.
/// </summary>
public sealed class KernelBugException(string text) : Exception(text);
