namespace GmemActors.Hardware;

/// <summary>One entry of the RMP as it lies in memory: 16 bytes, as in hardware.</summary>
/// <remarks>Source: AMD APM vol 2 table 15-34; the count of assigned 4K pages: AMD-ASPFW, verismo.</remarks>
internal struct RmpEntry
{
    internal uint Gfn;
    internal ushort Asid;
    internal RmpBits Bits;

    // Of a 2M-aligned entry: how many 4K entries of its 2M are assigned. Zero while the entry itself is an assigned 2M one.
    internal ushort SubpageCount;

    // A byte each for VMPL0 … VMPL3.
    private uint _permissions;

    internal readonly bool Assigned => Has(RmpBits.Assigned);

    internal readonly bool IsLarge => (Bits & (RmpBits.Assigned | RmpBits.Large)) == (RmpBits.Assigned | RmpBits.Large);

    internal readonly bool Has(RmpBits bits) => (Bits & bits) != 0;

    internal readonly VmplPermissions PermissionsOf(Vmpl vmpl) => (VmplPermissions)(byte)(_permissions >> (8 * (int)vmpl));

    internal void SetPermissions(Vmpl vmpl, VmplPermissions permissions)
    {
        var shift = 8 * (int)vmpl;
        _permissions = (_permissions & ~(0xFFu << shift)) | ((uint)permissions << shift);
    }

    internal void Set(RmpBits bits, bool value) => Bits = value ? Bits | bits : Bits & ~bits;

    /// <summary>
    /// RMPUPDATE's effect: not validated, no VMSA, and on assignment to a guest all permissions for VMPL0 alone.
    /// </summary>
    /// <remarks>
    /// The size of an unassigned entry is not kept: Linux relies on it when it reads a neighbour's level from the first entry.
    /// </remarks>
    internal void Write(RmpState state)
    {
        Gfn = (uint)state.Gfn.Value;
        Asid = state.Asid.Value;
        Bits = state.Assigned ? state.Bits & (RmpBits.Assigned | RmpBits.Large | RmpBits.Immutable) : RmpBits.None;
        _permissions = 0;
        if (state.Assigned && Asid != 0) SetPermissions(Vmpl.L0, VmplPermissions.All);
    }

    /// <summary>PSMASH's effect on one of the 512: everything is copied but the size and the guest frame.</summary>
    internal void CopyPart(RmpEntry large, uint part)
    {
        Gfn = large.Gfn + part;
        Asid = large.Asid;
        Bits = large.Bits & ~RmpBits.Large;
        _permissions = large._permissions;
    }
}
