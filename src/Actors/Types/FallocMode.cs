namespace GmemActors.Actors;

/// <summary>
/// What fallocate() is asked to do: the <c>FALLOC_FL_…</c> bits. Source: include/uapi/linux/falloc.h.
/// </summary>
[Flags]
public enum FallocMode
{
    /// <summary>Allocate, and let the file grow.</summary>
    None = 0,

    /// <summary>The size of the file stays.</summary>
    KeepSize = 0x01,

    /// <summary>Free the range.</summary>
    PunchHole = 0x02,

    /// <summary>Take the range out and close the gap.</summary>
    CollapseRange = 0x08,

    /// <summary>Zero the range.</summary>
    ZeroRange = 0x10,

    /// <summary>Make room for a range.</summary>
    InsertRange = 0x20,

    /// <summary>Make shared blocks private.</summary>
    UnshareRange = 0x40,
}
