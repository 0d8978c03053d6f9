namespace GmemActors.Engine;

/// <summary>A part of an actor's state that several tasks use, and what is known of who used it: a word that KCSAN watches.</summary>
/// <remarks>
/// The actor says in its <see cref="Actor.Handle"/> how a message uses it, as the kernel's code does: a plain access relies on a
/// lock, or on an order of some other kind; a marked one (READ_ONCE(), xa_load(), rcu_assign_pointer(), an atomic) does not.
/// Source: Documentation/dev-tools/kcsan.rst.
/// </remarks>
public sealed class Field
{
    private List<FieldAccess>? _reads;
    private FieldAccess _write;

    /// <summary>A field of <paramref name="owner"/>, which nobody has used yet.</summary>
    public Field(Actor owner, string name)
    {
        (Owner, Name) = (owner, name);
        owner.HasFields = true;
    }

    /// <summary>Whose it is.</summary>
    public Actor Owner { get; }

    /// <summary>The kernel's name.</summary>
    public string Name { get; }

    /// <summary>What marked accesses let those know who come after them; null before the first.</summary>
    internal VectorClock? Order { get; private set; }

    /// <summary>A plain read: nobody may write it meanwhile.</summary>
    public void Read(KernelTask by) => by.Uses(this, FieldUse.Read);

    /// <summary>A plain write: nobody may use it meanwhile, but with a marked read.</summary>
    public void Write(KernelTask by) => by.Uses(this, FieldUse.Write);

    /// <summary>A read that takes what is there, old or new: READ_ONCE(), rcu_dereference(), xa_load().</summary>
    public void ReadOnce(KernelTask by) => by.Uses(this, FieldUse.ReadOnce);

    /// <summary>A write that others may see at any time, with all that came before it: rcu_assign_pointer(), an atomic.</summary>
    public void WriteOnce(KernelTask by) => by.Uses(this, FieldUse.WriteOnce);

    /// <summary>Notes an access, and returns an earlier one that conflicts with it and that nothing orders before it.</summary>
    internal FieldAccess? Note(FieldAccess access, VectorClock clock)
    {
        var isWrite = access.Use is FieldUse.Write or FieldUse.WriteOnce;
        var rival = Rival(access, clock, isWrite);
        if (!isWrite)
        {
            // Whoever comes after this read comes after those that came before it.
            for (var i = (_reads ??= []).Count - 1; i >= 0; i--)
            {
                if (_reads[i].IsBefore(clock)) _reads.RemoveAt(i);
            }

            _reads.Add(access);
            return rival;
        }

        _reads?.Clear();
        _write = access;
        if (access.Use == FieldUse.WriteOnce) (Order ??= new()).Join(clock);
        return rival;
    }

    private FieldAccess? Rival(FieldAccess access, VectorClock clock, bool isWrite)
    {
        var bothMarked = access.Use == FieldUse.WriteOnce && _write.Use == FieldUse.WriteOnce;
        if (_write.Task is not null && !bothMarked && !_write.IsBefore(clock)) return _write;
        if (!isWrite) return null;
        for (var i = 0; i < _reads?.Count; i++)
        {
            if (!_reads[i].IsBefore(clock)) return _reads[i];
        }

        return null;
    }
}

/// <summary>How a message uses a field.</summary>
internal enum FieldUse
{
    Read,
    Write,
    ReadOnce,
    WriteOnce,
}

/// <summary>One access of a field.</summary>
/// <param name="Task">By whom.</param>
/// <param name="Use">How.</param>
/// <param name="Tick">How far the task had come.</param>
/// <param name="Message">With which message.</param>
/// <param name="Step">In which step.</param>
/// <param name="Held">The locks that the task held, if the execution is recorded.</param>
internal readonly record struct FieldAccess(KernelTask Task, FieldUse Use, int Tick, Message Message, long Step, IReadOnlyList<string>? Held)
{
    /// <summary>Whether it happened before what a clock knows.</summary>
    internal bool IsBefore(VectorClock clock) => clock[Task.Id] >= Tick;
}
