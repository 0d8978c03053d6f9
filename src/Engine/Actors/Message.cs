using System.Reflection;

namespace GmemActors.Engine;

/// <summary>How the engine treats a message.</summary>
public enum MessageKind
{
    /// <summary>Handled at once; may change its actor.</summary>
    Update,

    /// <summary>Handled at once; changes nothing.</summary>
    Query,

    /// <summary>Waits for a lock and takes it.</summary>
    Acquire,

    /// <summary>Takes a lock if that is possible now, and says whether it did.</summary>
    TryAcquire,

    /// <summary>Gives a lock back.</summary>
    Release,

    /// <summary>Waits at a gate of the actor, then is handled.</summary>
    Wait,
}

/// <summary>What an actor can be asked to do. Its name is the kernel's, in PascalCase. Immutable.</summary>
public abstract record Message
{
    private protected Message(MessageKind kind) => Kind = kind;

    /// <summary>How the engine treats it.</summary>
    public MessageKind Kind { get; }

    /// <summary>The kernel's spelling of the name, as reports print it.</summary>
    public string KernelName => KernelNames.Of(GetType().Name);

    /// <summary>The arguments as reports print them, in the order in which the record declares them; may be empty.</summary>
    /// <remarks>Of a lock's modes only the shared one is told, where there are two, as the kernel does: <c>filemap_invalidate_lock_shared()</c>.</remarks>
    public string Arguments
    {
        get
        {
            var own = GetType()
                .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(property => property.Name != nameof(Acquire.Mode))
                .OrderBy(property => property.MetadataToken)
                .Select(property => Show(property.GetValue(this)));
            return string.Join(", ", IsSharedByChoice ? own.Append(Show(LockMode.Shared)) : own);
        }
    }

    private bool IsSharedByChoice =>
        this is Acquire { Mode: LockMode.Shared } or TryAcquire { Mode: LockMode.Shared }
        && GetType()
            .GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(LockMode)));

    /// <summary>The name, and the arguments if there are any.</summary>
    public sealed override string ToString() => Arguments is { Length: > 0 } some ? $"{KernelName}({some})" : KernelName;

    /// <summary>The reply as reports print it.</summary>
    internal abstract string Describe(Reply reply);

    private protected static string Show(object? value) => value switch
    {
        null => "none",
        bool yes => yes ? "true" : "false",
        LockMode mode => mode == LockMode.Shared ? "shared" : "exclusive",
        System.Collections.IEnumerable items and not string => $"[{string.Join(", ", items.Cast<object>().Select(Show))}]",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>A message that is answered with a <typeparamref name="TReply"/>.</summary>
public abstract record Message<TReply> : Message
{
    /// <summary>A message that is handled at once and may change its actor.</summary>
    protected Message() : base(MessageKind.Update)
    {
    }

    private protected Message(MessageKind kind) : base(kind)
    {
    }

    /// <summary>The reply to this message: what its owner's <see cref="Actor.Handle"/> returns.</summary>
    public Reply Reply(TReply value) => Engine.Reply.Of(value);

    internal sealed override string Describe(Reply reply) => Show(reply.As<TReply>());
}

/// <summary>A message that changes nothing: whoever relies on what it says holds the lock that keeps it so.</summary>
public abstract record Query<TReply>() : Message<TReply>(MessageKind.Query);

/// <summary>A message that may have to wait at the gate which its actor's <see cref="Actor.GateOf"/> names.</summary>
public abstract record Wait<TReply>() : Message<TReply>(MessageKind.Wait);

/// <summary>Takes the lock that its actor's <see cref="Actor.LockOf"/> names; waits while others hold it.</summary>
public abstract record Acquire(LockMode Mode) : Message<Done>(MessageKind.Acquire);

/// <summary>Takes the lock if that is possible now; replies whether it did. Never waits.</summary>
public abstract record TryAcquire(LockMode Mode) : Message<bool>(MessageKind.TryAcquire);

/// <summary>Gives back the lock that its actor's <see cref="Actor.LockOf"/> names.</summary>
public abstract record Release() : Message<Done>(MessageKind.Release);

/// <summary>A reply that says no more than that it was done.</summary>
public readonly record struct Done
{
    /// <inheritdoc/>
    public override string ToString() => "";
}
