namespace GmemActors.Actors;

/// <summary>The size of a page: <c>PAGE_SIZE</c>, <c>PAGE_SHIFT</c>.</summary>
public static class Pages
{
    /// <summary>Bytes in a page.</summary>
    public const int Size = 1 << Shift;

    /// <summary>Bits of an offset in a page.</summary>
    public const int Shift = 12;

    /// <summary>Whether a number of bytes ends at a page: <c>PAGE_ALIGNED()</c>.</summary>
    public static bool IsAligned(ulong bytes) => (bytes & (Size - 1)) == 0;
}
