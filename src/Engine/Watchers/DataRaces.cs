namespace GmemActors.Engine;

/// <summary>Finds two accesses of one field that nothing orders, though no two steps are ever at the same time: KCSAN.</summary>
/// <remarks>
/// Two accesses conflict if one is a write and neither a marked read, nor both marked. They race if no chain of locks given back
/// and taken, grace periods, gates, tasks started, or marked accesses leads from the one to the other: then another interleaving,
/// or another processor, has them at once. A common lock is such a chain. As KCSAN by default, a plain write and a marked read
/// are no race.
/// </remarks>
internal sealed class DataRaces(bool isRecording)
{
    /// <summary>A task was started by another; null before the world runs.</summary>
    internal static void Started(KernelTask task, KernelTask? by)
    {
        if (by is null) return;
        ClockOf(task).Join(ClockOf(by));
        by.Clock!.Tick(by.Id);
    }

    /// <summary>A task took a lock: it comes after those who gave it back.</summary>
    internal static void Took(KernelTask task, Lock taken, LockMode mode)
    {
        var clock = ClockOf(task);
        if (taken.Written is { } written) clock.Join(written);
        if (mode == LockMode.Exclusive && taken.Read is { } read) clock.Join(read);
    }

    /// <summary>A task gives a lock back: those who take it come after.</summary>
    internal static void Gives(KernelTask task, Lock given)
    {
        var clock = ClockOf(task);
        (given.Writer == task ? given.Written ??= new() : given.Read ??= new()).Join(clock);
        clock.Tick(task.Id);
    }

    /// <summary>A task passed a gate: it comes after who opened it, or after those who read.</summary>
    internal static void Passed(KernelTask task, Gate gate)
    {
        var clock = ClockOf(task);
        if (gate is Condition { OpenedBy: { } opener }) clock.Join(ClockOf(opener));
        if (gate.HeldBy is not Lock readers) return;
        if (readers.Read is { } read) clock.Join(read);

        // Who begins to read from now on sees what was done before.
        (readers.Written ??= new()).Join(clock);
        clock.Tick(task.Id);
    }

    /// <summary>A message uses a field; returns the race that shows, or null.</summary>
    internal DataRace? Used(KernelTask task, Field field, FieldUse use, Message message, long step)
    {
        var clock = ClockOf(task);
        if (use is FieldUse.ReadOnce or FieldUse.WriteOnce && field.Order is { } order) clock.Join(order);
        if (use == FieldUse.ReadOnce) return null;
        var access = new FieldAccess(task, use, clock[task.Id], message, step, isRecording ? task.Held.Names() : null);
        var rival = field.Note(access, clock);
        if (use == FieldUse.WriteOnce) clock.Tick(task.Id);
        return rival is { } earlier ? new(step, $"{field.Name} {field.Owner.Name}", Describe(earlier), Describe(access)) : null;
    }

    private static VectorClock ClockOf(KernelTask task)
    {
        if (task.Clock is { } known) return known;
        var clock = task.Clock = new();
        clock.Tick(task.Id);
        return clock;
    }

    private static AccessText Describe(FieldAccess access) => new(
        access.Use == FieldUse.Read ? "read of" : access.Use == FieldUse.Write ? "write to" : "write (marked) to",
        access.Task.Name,
        access.Message.KernelName,
        access.Step,
        access.Held ?? []);
}
