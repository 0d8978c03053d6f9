using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>The instructions that edit an RMP entry.</summary>
public enum RmpInstruction
{
    /// <summary>The hypervisor assigns a page or takes it back.</summary>
    Rmpupdate,

    /// <summary>The hypervisor breaks a 2M entry into 4K entries.</summary>
    Psmash,

    /// <summary>A guest validates a page, or takes that back.</summary>
    Pvalidate,

    /// <summary>A guest changes what a lesser VMPL may do.</summary>
    Rmpadjust,
}

/// <summary>
/// The first half of an instruction that edits an entry: its operand is checked, and the entry is locked for this processor
/// until the second half. Replies <see cref="RmpResult.Success"/>, or why there will be no second half.
/// </summary>
public sealed record RmpEntryLock(RmpInstruction Instruction, Pfn Pfn, PageLevel Level, Asid By) : Message<RmpResult>;

/// <summary>RMPUPDATE, second half: checks the entry, writes it if nothing forbids it, and unlocks it.</summary>
public sealed record Rmpupdate(Pfn Pfn, RmpState State) : Message<RmpResult>;

/// <summary>PSMASH, second half.</summary>
public sealed record Psmash(Pfn Pfn) : Message<RmpResult>;

/// <summary>PVALIDATE, second half.</summary>
public sealed record Pvalidate(Pfn Pfn, Gfn Gfn, SnpContext By, PageLevel Level, bool Validate) : Message<RmpOutcome>;

/// <summary>RMPADJUST, second half.</summary>
public sealed record Rmpadjust(
    Pfn Pfn, Gfn Gfn, SnpContext By, PageLevel Level, Vmpl Target, VmplPermissions Permissions, bool Vmsa) : Message<RmpOutcome>;

/// <summary>RMPQUERY: what a VMPL may do to a page. Edits nothing.</summary>
public sealed record Rmpquery(Pfn Pfn, Gfn Gfn, SnpContext By, Vmpl Target) : Query<RmpqueryReply>;

/// <summary>What RMPQUERY returns.</summary>
public readonly record struct RmpqueryReply(RmpOutcome Outcome, VmplPermissions Permissions, bool Vmsa, PageLevel Level)
{
    /// <summary>It said nothing.</summary>
    internal static RmpqueryReply Failed(RmpOutcome outcome) => new(outcome, VmplPermissions.None, false, PageLevel.None);
}

/// <summary>
/// RMPREAD: the entry of a page, with <see cref="RmpState.RegionAssigned"/>, without validated and VMSA; or <see
/// cref="RmpState.None"/>.
/// </summary>
public sealed record Rmpread(Pfn Pfn) : Query<RmpState>;

/// <summary>
/// The host reads the table in memory: the entry of a page, with validated and VMSA; or <see cref="RmpState.None"/>.
/// </summary>
public sealed record ReadRmpEntry(Pfn Pfn) : Query<RmpState>;

/// <summary>The access check.</summary>
public sealed record CheckRmp(RmpAccess Access) : Query<Fault>;

/// <summary>The pages that a VMRUN uses.</summary>
/// <param name="Vmcb">The VMCB.</param>
/// <param name="Vmsa">The VMSA of an SNP guest.</param>
/// <param name="VmsaGfn">Where that guest has its VMSA.</param>
/// <param name="Avic">The AVIC backing page.</param>
public sealed record VmrunPages(Pfn Vmcb, Pfn? Vmsa = null, Gfn VmsaGfn = default, Pfn? Avic = null);

/// <summary>VMRUN: checks its pages and marks them in use.</summary>
public sealed record Vmrun(Asid Asid, VmrunPages Pages) : Message<Fault>;

/// <summary>#VMEXIT: the pages are no longer in use.</summary>
public sealed record Vmexit(VmrunPages Pages) : Message<Done>;

/// <summary>
/// The firmware measures a page of a guest that is being launched and makes it valid. False: not in that state.
/// </summary>
public sealed record SnpLaunchUpdate(Pfn Pfn, Asid Asid, bool Vmsa) : Message<bool>;

/// <summary>The firmware gives up a page, so that the hypervisor can take it back. False: it was not immutable.</summary>
public sealed record SnpPageReclaim(Pfn Pfn) : Message<bool>;
