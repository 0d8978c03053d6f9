namespace GmemActors.Hardware;

/// <summary>What the access check sees of a page: the entry that covers it, be it 4K or 2M.</summary>
public readonly record struct RmpView
{
    /// <summary>Whether the RMP has an entry for it; memory without one is the hypervisor's for ever.</summary>
    public bool Covered { get; init; }

    /// <summary>Whether it is not the hypervisor's.</summary>
    public bool Assigned { get; init; }

    /// <summary>Whose it is.</summary>
    public Asid Asid { get; init; }

    /// <summary>The guest frame that this very page must be at.</summary>
    public Gfn Gfn { get; init; }

    /// <summary>Whether only the firmware may change it.</summary>
    public bool Immutable { get; init; }

    /// <summary>The page size of the entry.</summary>
    public PageLevel Level { get; init; }

    /// <summary>Whether the guest has validated it.</summary>
    public bool Validated { get; init; }

    /// <summary>What the accessing VMPL may do.</summary>
    public VmplPermissions Permissions { get; init; }

    /// <summary>Whether any page of its 2M is assigned.</summary>
    public bool RegionAssigned { get; init; }

    /// <summary>Whether another processor edits the entry right now.</summary>
    public bool IsEdited { get; init; }
}
