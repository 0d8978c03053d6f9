namespace GmemActors.Hardware;

/// <summary>What a read of memory gives.</summary>
public enum ContentKind : byte
{
    /// <summary>Zeroes. Simplified: through whichever key; they tell nobody anything.</summary>
    Zero,

    /// <summary>What was written with the same key, as it was written.</summary>
    Data,

    /// <summary>What was written with another key: ciphertext or garbage.</summary>
    Ciphertext,

    /// <summary>Nothing: the line is poisoned, and the read raises #MC.</summary>
    Poison,
}

/// <summary>What a read of memory gives, and whose it is.</summary>
/// <param name="Kind">What it is to the reader.</param>
/// <param name="Key">The key it was written with.</param>
/// <param name="IsStale">Whether an earlier owner of the frame left it.</param>
public readonly record struct Content(ContentKind Kind, KeyId Key, bool IsStale)
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ContentKind.Data => $"data of {Key}{(IsStale ? ", left by an earlier owner" : "")}",
        ContentKind.Ciphertext => $"ciphertext of {Key}",
        _ => $"{Kind}",
    };
}

/// <summary>How a guest's access ended: refused, or with what it read.</summary>
public readonly record struct AccessResult(Fault Fault, Content Content)
{
    /// <summary>The access was refused.</summary>
    public AccessResult(Fault fault) : this(fault, default)
    {
    }

    /// <summary>What was read; poison is a machine check.</summary>
    public AccessResult(Content content)
        : this(content.Kind == ContentKind.Poison ? new(FaultKind.MachineCheck) : Fault.None, content)
    {
    }
}
