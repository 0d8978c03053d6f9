namespace GmemActors.Engine;

/// <summary>How a lock is held: alone, or together with other readers.</summary>
public enum LockMode
{
    /// <summary>Together with other readers.</summary>
    Shared,

    /// <summary>Alone.</summary>
    Exclusive,
}
