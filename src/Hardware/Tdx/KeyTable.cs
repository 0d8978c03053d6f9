namespace GmemActors.Hardware;

/// <summary>The state of an HKID.</summary>
public enum HkidState : byte
{
    /// <summary>To be had.</summary>
    Free,

    /// <summary>A trust domain's.</summary>
    Assigned,

    /// <summary>Was a trust domain's; the caches of some packages may hold lines with it.</summary>
    Flushed,
}

/// <summary>The key ownership table.</summary>
/// <remarks>Source: TDX module 1.5, KOT.</remarks>
internal sealed class KeyTable(int packages)
{
    private readonly List<Entry> _entries = [];

    internal SharexLock Lock { get; } = new();

    /// <summary>A bit for each package.</summary>
    internal uint AllPackages { get; } = (1u << packages) - 1;

    /// <summary>What is known of an HKID.</summary>
    internal Entry this[Hkid hkid]
    {
        get
        {
            foreach (var entry in _entries)
            {
                if (entry.Hkid == hkid) return entry;
            }

            var added = new Entry(hkid);
            _entries.Add(added);
            return added;
        }
    }

    /// <summary>Writes a package's caches back; false if no HKID waited for that.</summary>
    internal bool TryWriteBack(int package)
    {
        var any = false;
        foreach (var entry in _entries)
        {
            any |= (entry.DirtyPackages & (1u << package)) != 0;
            entry.DirtyPackages &= ~(1u << package);
        }

        return any;
    }

    internal sealed class Entry(Hkid hkid)
    {
        internal Hkid Hkid { get; } = hkid;

        internal HkidState State { get; set; }

        /// <summary>The packages whose caches may hold lines with it.</summary>
        internal uint DirtyPackages { get; set; }
    }
}
