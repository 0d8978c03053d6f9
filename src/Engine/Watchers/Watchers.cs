namespace GmemActors.Engine;

/// <summary>What a world looks for beside what ends an execution by itself. Each can be left out, to see what it costs.</summary>
[Flags]
public enum Watchers
{
    /// <summary>Nothing: only what cannot go on is found.</summary>
    None = 0,

    /// <summary>The order in which locks are taken: lockdep.</summary>
    LockOrder = 1 << 0,

    /// <summary>Sleeping while a spinning lock is held: <c>might_sleep()</c>.</summary>
    Sleep = 1 << 1,

    /// <summary>Accesses of one field that nothing orders: KCSAN.</summary>
    DataRaces = 1 << 2,

    /// <summary>Retry loops that nothing can end.</summary>
    Livelocks = 1 << 3,

    /// <summary>The properties of the model.</summary>
    Properties = 1 << 4,

    /// <summary>Everything.</summary>
    All = LockOrder | Sleep | DataRaces | Livelocks | Properties,
}
