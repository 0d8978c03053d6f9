using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>PVALIDATE: the guest says that a frame is its own, or takes that back.</summary>
/// <param name="Gfn">The frame.</param>
/// <param name="Validate">What the validated bit shall be.</param>
/// <param name="Level">The size asked for.</param>
public sealed record GuestPvalidate(Gfn Gfn, bool Validate = true, PageLevel Level = PageLevel.Level4K) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"pvalidate {Gfn} {(Validate ? 1 : 0)} {Level}";
}

/// <summary>RMPADJUST: the guest says what a lesser VMPL may do to a frame, and whether it is a VMSA.</summary>
/// <param name="Gfn">The frame.</param>
/// <param name="Target">The lesser VMPL.</param>
/// <param name="Permissions">What it may do.</param>
/// <param name="Vmsa">Whether the frame is a VMSA.</param>
public sealed record GuestRmpadjust(Gfn Gfn, Vmpl Target, VmplPermissions Permissions, bool Vmsa = false) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"rmpadjust {Gfn} {Target} {Permissions}{(Vmsa ? " vmsa" : "")}";
}

/// <summary>A page state change by the GHCB MSR: one frame.</summary>
/// <param name="Gfn">The frame.</param>
/// <param name="Operation">What it is to be.</param>
public sealed record GuestPscMsr(Gfn Gfn, PscOperation Operation) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"psc_msr {Gfn} {Operation}";
}

/// <summary>A page state change by the GHCB: as many as the vCPU's buffer lists. The guest fills the buffer first.</summary>
/// <param name="Entries">What the guest writes into the buffer.</param>
/// <param name="EndEntry">The header's end_entry, where it is not the last of them.</param>
public sealed record GuestPsc(IReadOnlyList<PscEntry> Entries, int? EndEntry = null) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"psc {string.Join(", ", Entries)}{(EndEntry is { } end ? $" end {end}" : "")}";
}

/// <summary>The guest writes into a vCPU's buffer, which may be another one's: KVM must not rely on what it read before.</summary>
/// <param name="Ghcb">The buffer.</param>
/// <param name="Index">The entry; none: the header's end_entry.</param>
/// <param name="Entry">The new entry.</param>
/// <param name="EndEntry">The new end_entry.</param>
public sealed record GuestScribble(Ghcb Ghcb, int? Index, PscEntry Entry = default, int EndEntry = 0) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => Index is { } index ? $"scribble {Ghcb} {index}: {Entry}" : $"scribble {Ghcb} end {EndEntry}";
}

/// <summary>The guest has another vCPU begin at a VMSA that it has made: SNP AP creation.</summary>
/// <param name="Target">The vCPU, by its number.</param>
/// <param name="Vmsa">The frame of the VMSA; none: the vCPU is to stop.</param>
public sealed record GuestApCreate(int Target, Gfn? Vmsa) : GuestOp
{
    /// <inheritdoc/>
    public override string ToString() => $"ap_create {Target} {(Vmsa is { } gfn ? $"{gfn}" : "destroy")}";
}
