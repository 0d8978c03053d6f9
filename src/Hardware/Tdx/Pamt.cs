namespace GmemActors.Hardware;

/// <summary>What the TDX module uses a page for.</summary>
public enum PamtPageType : byte
{
    /// <summary>Nothing: the page is the host's.</summary>
    Nda,

    /// <summary>A trust domain's memory.</summary>
    Reg,

    /// <summary>The root of a trust domain.</summary>
    Tdr,

    /// <summary>Its control structure.</summary>
    Tdcx,

    /// <summary>The root of a vCPU.</summary>
    Tdvpr,

    /// <summary>A page table of a secure EPT.</summary>
    Ept,
}

/// <summary>The physical address metadata table: what each page is used for, and by which trust domain.</summary>
// Simplified: a 2M page is in the table as its first page.
internal sealed class Pamt(Pfn first, int count)
{
    private readonly Entry?[] _entries = new Entry?[count];

    internal bool Covers(Pfn pfn) => pfn.Value >= first.Value && pfn.Value - first.Value < (uint)_entries.Length;

    internal Entry At(Pfn pfn) => _entries[pfn.Value - first.Value] ??= new();

    internal PamtPageType TypeOf(Pfn pfn) => _entries[pfn.Value - first.Value]?.Type ?? PamtPageType.Nda;

    internal Td? OwnerOf(Pfn pfn) => Covers(pfn) ? _entries[pfn.Value - first.Value]?.Owner : null;

    internal sealed class Entry
    {
        internal SharexLock Lock { get; } = new();

        internal PamtPageType Type { get; private set; }

        /// <summary>The trust domain; null if the host has the page.</summary>
        internal Td? Owner { get; private set; }

        internal void Take(PamtPageType type, Td owner)
        {
            (Type, Owner) = (type, owner);
            if (type != PamtPageType.Tdr) owner.ChildCount++;
        }

        internal void GiveBack()
        {
            if (Type != PamtPageType.Tdr) Owner!.ChildCount--;
            (Type, Owner) = (PamtPageType.Nda, null);
        }
    }
}
