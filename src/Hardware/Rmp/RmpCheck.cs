namespace GmemActors.Hardware;

/// <summary>The access check, made after all page tables have been passed.</summary>
/// <remarks>
/// Source: AMD APM vol 2 table 15-39 and §15.36.10. The RMP's own checks come first, validation is second to last, the VMPL last.
/// An entry that another processor edits refuses every access that would look at it: hardware may refuse, and an access that it
/// lets through is one that came a little earlier or later.
/// </remarks>
public static class RmpCheck
{
    /// <summary>Whether an access is granted, and how it is refused if not.</summary>
    public static Fault Of(in RmpAccess access, in RmpView entry, MachineOptions options)
    {
        if (!access.IsChecked) return Fault.None;
        if (entry.IsEdited) return Refuse(access);
        if (access.IsPrivate) return OfPrivate(access, entry, options);

        // Simplified: only the host's own mappings are held to the whole 2M; a guest's shared write is held to its page.
        var owned = entry.Assigned || (access.By == Accessor.Host && access.Level > PageLevel.Level4K && entry.RegionAssigned);
        return owned ? Refuse(access) : Fault.None;
    }

    /// <summary>The refusal by the RMP, with the bits that say what the access was.</summary>
    internal static Fault Refuse(in RmpAccess access, PageFaultError extra = PageFaultError.None)
    {
        var error = PageFaultError.Present | PageFaultError.Rmp | extra;
        if (access.Kind == AccessKind.Write) error |= PageFaultError.Write;
        if (access.Kind == AccessKind.Execute) error |= PageFaultError.Instr;
        if (access.User) error |= PageFaultError.User;
        if (access.By == Accessor.Host) return new(FaultKind.PageFault, error);
        if (access.IsPrivate) error |= PageFaultError.Enc;
        return new(FaultKind.NestedPageFault, error | (access.IsPageWalk ? PageFaultError.Page : PageFaultError.Final));
    }

    /// <summary>COV, OWN, REV, MUT: whether the page is this guest's, at this place, and not the firmware's.</summary>
    internal static bool IsGuestOwned(in RmpView entry, Asid asid, Gfn gfn) =>
        entry.Covered && entry.Assigned && entry.Asid == asid && entry.Gfn == gfn && !entry.Immutable;

    private static Fault OfPrivate(in RmpAccess access, in RmpView entry, MachineOptions options)
    {
        if (!IsGuestOwned(entry, access.Context.Asid, access.Gfn)) return Refuse(access);
        var (mappedLarge, entryLarge) = (access.Level > PageLevel.Level4K, entry.Level > PageLevel.Level4K);
        if (mappedLarge != entryLarge)
        {
            var sizem = entryLarge && options.SizemOnNptMismatch;
            return Refuse(access, sizem ? PageFaultError.Sizem : PageFaultError.None);
        }

        if (!entry.Validated) return new(FaultKind.PageNotValidated);
        var needed = Needed(access);
        return (entry.Permissions & needed) == needed ? Fault.None : Refuse(access, PageFaultError.Vmpl);
    }

    // Simplified: no shadow stacks, so PageFaultError.Sss never comes.
    private static VmplPermissions Needed(in RmpAccess access) => access.Kind switch
    {
        AccessKind.Read => VmplPermissions.Read,
        AccessKind.Write => VmplPermissions.Read | VmplPermissions.Write,
        _ => access.User ? VmplPermissions.ExecuteUser : VmplPermissions.ExecuteSupervisor,
    };
}
