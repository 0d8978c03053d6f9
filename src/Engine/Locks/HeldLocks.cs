namespace GmemActors.Engine;

/// <summary>The locks that a task holds, in the order of acquisition.</summary>
internal sealed class HeldLocks(KernelTask task)
{
    // Those from Count on are spare: a lock is taken without an allocation.
    private Hold?[] _holds = new Hold[4];

    internal int Count { get; private set; }

    internal Hold this[int index] => _holds[index]!;

    internal Hold Push(Lock held, LockMode mode, long step)
    {
        if (Count == _holds.Length) Array.Resize(ref _holds, Count * 2);
        var hold = _holds[Count++] ??= new(task);
        hold.Set(held, mode, step);
        return hold;
    }

    /// <summary>Takes out the latest hold of a lock; null if there is none.</summary>
    internal Hold? Pop(Lock held)
    {
        for (var at = Count - 1; at >= 0; at--)
        {
            if (_holds[at]!.Lock != held) continue;
            var found = _holds[at];
            Count--;
            if (at < Count) Array.Copy(_holds, at + 1, _holds, at, Count - at);
            return _holds[Count] = found;
        }

        return null;
    }

    internal Hold? Find(Lock held)
    {
        for (var at = 0; at < Count; at++)
        {
            if (_holds[at]!.Lock == held) return _holds[at];
        }

        return null;
    }

    /// <summary>The locks with their owners, as reports name them.</summary>
    internal IReadOnlyList<string> Names() => [.. _holds.Take(Count).Select(hold => $"{hold!.Lock.Name} {hold.Lock.Owner.Name}")];
}

/// <summary>One acquisition of a lock that has not been given back.</summary>
internal sealed class Hold(KernelTask task)
{
    internal KernelTask Task { get; } = task;

    internal Lock Lock { get; private set; } = null!;

    internal LockMode Mode { get; private set; }

    /// <summary>The step of the acquisition.</summary>
    internal long Step { get; private set; }

    /// <summary>The place among the lock's readers.</summary>
    internal int Index { get; set; }

    internal void Set(Lock held, LockMode mode, long step) => (Lock, Mode, Step) = (held, mode, step);
}
