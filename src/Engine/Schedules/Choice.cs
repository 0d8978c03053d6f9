using System.Globalization;

namespace GmemActors.Engine;

/// <summary>One recorded decision: which message was delivered, or which data was chosen.</summary>
/// <param name="Task">Whose message, or whose choice.</param>
public abstract record Choice(string Task);

/// <summary>A message was delivered.</summary>
/// <param name="Task">The sender.</param>
/// <param name="Message">The message in the kernel's spelling, without its arguments: they follow from what came before.</param>
/// <param name="Actor">Who handled it.</param>
public sealed record Delivery(string Task, string Message, string Actor) : Choice(Task)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Task} {Message} {Actor}";

    internal bool Is(Pending pending) =>
        pending.Sender.Name == Task && pending.Message.KernelName == Message && pending.Target.Name == Actor;
}

/// <summary>Data, or a fault, was chosen.</summary>
/// <param name="Task">Who chose.</param>
/// <param name="Chosen">The choice, 0 … <paramref name="Count"/> − 1.</param>
/// <param name="Count">Among how many.</param>
/// <param name="What">What it was about.</param>
public sealed record DataChoice(string Task, int Chosen, int Count, string What) : Choice(Task)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"? {Task} {Chosen} of {Count} {What}");
}
