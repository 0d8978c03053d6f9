namespace GmemActors.Actors;

/// <summary>What a guest does: it uses a frame, as its private memory or as memory that it shares with the host.</summary>
public readonly record struct Access(Gfn Gfn, bool IsPrivate)
{
    /// <summary>A private access.</summary>
    public static implicit operator Access(Gfn gfn) => new(gfn, IsPrivate: true);

    /// <summary>A shared access.</summary>
    public static Access Shared(Gfn gfn) => new(gfn, IsPrivate: false);

    /// <inheritdoc/>
    public override string ToString() => $"{(IsPrivate ? "private" : "shared")} {Gfn}";
}
