using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A mapping of a gmem file into the memory of a user, <c>struct vm_area_struct</c>: what of it never changes.</summary>
/// <remarks>Source: include/linux/mm_types.h. Simplified: it is mapped and unmapped as a whole, for reading and writing.</remarks>
public sealed class Vma
{
    private readonly Pfn?[] _ptes;

    internal Vma(UserMemory mm, ulong start, ulong pageCount, GmemFile file, Pgoff first)
    {
        (Mm, Pages, File, First) = (mm, PageRange.Of(start, pageCount), file, first);
        _ptes = new Pfn?[pageCount];
    }

    /// <summary>Whose memory it is in.</summary>
    public UserMemory Mm { get; }

    /// <summary>The pages of the user that it is at.</summary>
    public PageRange Pages { get; }

    /// <summary>The file, which it holds a reference on.</summary>
    public GmemFile File { get; }

    /// <summary>The page of the file at its first page.</summary>
    public Pgoff First { get; }

    /// <summary>Its page table entries, which are its mm's to change.</summary>
    internal Span<Pfn?> Ptes => _ptes;

    /// <summary>The page of the file at a page of the user.</summary>
    public Pgoff IndexOf(ulong page) => First + (page - Pages.Start.Value);

    /// <summary>The pages of the user at a range of the file; none if nothing of it is in the mapping.</summary>
    public PageRange? PagesOf(PageRange range)
    {
        var start = Math.Max(range.Start.Value, First.Value);
        var end = Math.Min(range.End.Value, First.Value + (Pages.End.Value - Pages.Start.Value));
        return start < end ? PageRange.Of(Pages.Start.Value + (start - First.Value), end - start) : null;
    }

    internal ref Pfn? At(ulong page) => ref _ptes[page - Pages.Start.Value];

    /// <inheritdoc/>
    public override string ToString() => $"{File} {Pages}";
}
