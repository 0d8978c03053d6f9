namespace GmemActors.Hardware;

/// <summary>The size of a mapping: <c>enum pg_level</c>.</summary>
public enum PageLevel : byte
{
    /// <summary>No mapping: <c>PG_LEVEL_NONE</c>.</summary>
    None = 0,

    /// <summary><c>PG_LEVEL_4K</c>.</summary>
    Level4K = 1,

    /// <summary><c>PG_LEVEL_2M</c>.</summary>
    Level2M = 2,

    /// <summary><c>PG_LEVEL_1G</c>.</summary>
    Level1G = 3,
}

/// <summary>Arithmetic on mapping sizes: <c>KVM_PAGES_PER_HPAGE()</c> and its like.</summary>
public static class PageLevels
{
    /// <summary>So many 4K pages are in 2M.</summary>
    public const uint PagesPer2M = 512;

    /// <summary>How many 4K pages a mapping of this size has.</summary>
    public static ulong Pages(this PageLevel level) => 1ul << (9 * ((int)level - 1));

    /// <summary>The first frame of the mapping of this size that has <paramref name="gfn"/>.</summary>
    public static Gfn AlignDown(this Gfn gfn, PageLevel level) => new(gfn.Value & ~(level.Pages() - 1));

    /// <summary>The first frame of the mapping of this size that has <paramref name="pfn"/>.</summary>
    public static Pfn AlignDown(this Pfn pfn, PageLevel level) => new(pfn.Value & ~(uint)(level.Pages() - 1));

    /// <summary>Whether a mapping of this size can begin here.</summary>
    public static bool IsAligned(this Gfn gfn, PageLevel level) => gfn.AlignDown(level) == gfn;

    /// <summary>Whether a mapping of this size can begin here.</summary>
    public static bool IsAligned(this Pfn pfn, PageLevel level) => pfn.AlignDown(level) == pfn;
}
