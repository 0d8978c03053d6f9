using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A guest uses a frame, as its private memory or as memory that it shares with the host.</summary>
/// <param name="Gfn">The frame.</param>
/// <param name="IsPrivate">
/// The C-bit of an SNP guest, the opposite of a trust domain's shared bit. Other guests have no such bit: what the frame is decides.
/// </param>
/// <param name="Kind">What is done; a write also reads.</param>
public sealed record Access(Gfn Gfn, bool IsPrivate, AccessKind Kind = AccessKind.Write) : GuestOp
{
    /// <summary>A private read and write.</summary>
    public static Access Private(Gfn gfn) => new(gfn, IsPrivate: true);

    /// <summary>A shared read and write.</summary>
    public static Access Shared(Gfn gfn) => new(gfn, IsPrivate: false);

    /// <inheritdoc/>
    public override string ToString() => $"{(Kind == AccessKind.Read ? "read " : "")}{(IsPrivate ? "private" : "shared")} {Gfn}";
}
