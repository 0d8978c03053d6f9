using System.Diagnostics;

namespace GmemActors.Engine;

/// <summary>Owns state, handles one message at a time, awaits nothing.</summary>
/// <remarks>
/// Nobody reads an actor's state but itself and the properties of a world. A message that may have to wait says so by its
/// type; the actor names the lock or gate it waits for, and that lock knows who waits, so that waiting costs nothing.
/// </remarks>
[DebuggerDisplay("{Name}")]
public abstract class Actor(string name)
{
    /// <summary>The name in reports: <c>inode0</c>, <c>vm1</c>. Unique in its world.</summary>
    public string Name { get; } = name;

    /// <summary>The number in its world, in the order of addition; −1 before.</summary>
    public int Id { get; internal set; } = -1;

    /// <summary>Where its locks and gates publish what can be delivered; null until it is added to a host.</summary>
    internal EnabledSet? Enabled { get; set; }

    /// <summary>The order of senders at this actor so far, as a hash: what makes two schedules different.</summary>
    internal ulong OrderHash { get; set; }

    /// <summary>Whether it says how its state is used.</summary>
    internal bool HasFields { get; set; }

    /// <summary>The properties to be looked at when this actor has changed.</summary>
    internal List<Property>? Properties { get; set; }

    /// <summary>The lock that an <see cref="Acquire"/>, <see cref="TryAcquire"/> or <see cref="Release"/> is about.</summary>
    protected internal virtual Lock LockOf(Message message) => throw Unexpected(message);

    /// <summary>The gate at which a <see cref="Wait{TReply}"/> waits. Asked once, when the message is sent.</summary>
    protected internal virtual Gate GateOf(KernelTask sender, Message message) => throw Unexpected(message);

    /// <summary>Handles the message in one step and returns the typed reply.</summary>
    protected internal abstract Reply Handle(KernelTask sender, Message message);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;

    /// <summary>The error of a message that this actor does not know.</summary>
    protected UnreachableException Unexpected(Message message) => new($"{Name} does not know {message.KernelName}");
}
