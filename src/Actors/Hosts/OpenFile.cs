using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>An open file, <c>struct file</c>: how many refer to it.</summary>
/// <remarks>Source: fs/file.c, fs/file_table.c, include/linux/file_ref.h.</remarks>
public abstract class OpenFile(string name) : Actor(name)
{
    /// <summary>How many references there are.</summary>
    internal int RefCount { get; private set; } = 1;

    /// <summary>Whether nobody can take a reference any more; its release may not have run yet.</summary>
    internal bool IsDying => RefCount == 0;

    /// <summary>Takes a reference before the world runs: a descriptor more.</summary>
    internal void Get() => RefCount++;

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            // The file itself is type-stable memory, whose count says that it is gone: to ask for a reference is always allowed.
            case GetFileRcu get:
                if (RefCount > 0) RefCount++;
                return get.Reply(RefCount > 0);
            case Fput put:
                if (sender.WarnOn(RefCount == 0, "imbalanced put on file reference count")) return put.Reply(false);
                return put.Reply(--RefCount == 0);
            default:
                throw Unexpected(message);
        }
    }
}

/// <summary>A file that is of no concern here: /dev/kvm, a memfd.</summary>
public sealed class OtherFile(string name) : OpenFile(name);

/// <summary>Takes a reference unless there is none left; replies whether it did.</summary>
public sealed record GetFileRcu : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly GetFileRcu Now = new();
}

/// <summary>Drops a reference; replies whether it was the last one, so that the file must be released.</summary>
public sealed record Fput : Message<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly Fput Now = new();
}
