using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>
/// The instructions on the RMP as a processor executes them: the entry is locked in one step and edited in the next.
/// </summary>
/// <remarks>Source for operands and codes: AMD APM vol 2 §15.36 and vol 3; Microsoft Learn.</remarks>
public static class RmpInstructions
{
    /// <summary>RMPUPDATE: the hypervisor assigns a page or takes it back.</summary>
    /// <param name="current">Who executes it.</param>
    /// <param name="rmp">The table.</param>
    /// <param name="pfn">The page.</param>
    /// <param name="state">What the entry shall say.</param>
    /// <param name="by">With which ASID it is executed: only the host may.</param>
    public static async Path<RmpResult> Rmpupdate(KernelTask current, Rmp rmp, Pfn pfn, RmpState state, Asid by = default)
    {
        var locked = await current.Ask(rmp, new RmpEntryLock(RmpInstruction.Rmpupdate, pfn, state.Level, by));
        return locked == RmpResult.Success ? await current.Ask(rmp, new Rmpupdate(pfn, state)) : locked;
    }

    /// <summary>PSMASH: the hypervisor breaks a 2M entry into 512 of 4K.</summary>
    public static async Path<RmpResult> Psmash(KernelTask current, Rmp rmp, Pfn pfn, Asid by = default)
    {
        var locked = await current.Ask(rmp, new RmpEntryLock(RmpInstruction.Psmash, pfn, PageLevel.Level2M, by));
        return locked == RmpResult.Success ? await current.Ask(rmp, new Psmash(pfn)) : locked;
    }

    /// <summary>PVALIDATE: a guest says that a page is its own, or takes that back.</summary>
    /// <param name="current">Who executes it.</param>
    /// <param name="rmp">The table.</param>
    /// <param name="pfn">The page, as the nested page tables have it.</param>
    /// <param name="gfn">The page, as the guest names it.</param>
    /// <param name="by">Which guest, at which VMPL.</param>
    /// <param name="level">The size asked for.</param>
    /// <param name="validate">What the validated bit shall be.</param>
    /// <param name="encrypted">Whether the guest maps the page with the C-bit.</param>
    public static async Path<RmpOutcome> Pvalidate(
        KernelTask current, Rmp rmp, Pfn pfn, Gfn gfn, SnpContext by, PageLevel level, bool validate, bool encrypted = true)
    {
        if (!encrypted) return new(new Fault(FaultKind.PageFault, PageFaultError.Present | PageFaultError.Rsvd));
        if (by.Vmpl != Vmpl.L0) return new(RmpResult.FailPermission);
        if (!IsOperand(gfn, level)) return new(RmpResult.FailInput);
        if (await GuestLock(current, rmp, RmpInstruction.Pvalidate, pfn, by) is { IsFault: true } fault) return new(fault);
        return await current.Ask(rmp, new Pvalidate(pfn, gfn, by, level, validate));
    }

    /// <summary>RMPADJUST: a guest says what a lesser VMPL may do to a page, and VMPL0 whether the page is a VMSA.</summary>
    public static async Path<RmpOutcome> Rmpadjust(
        KernelTask current,
        Rmp rmp,
        Pfn pfn,
        Gfn gfn,
        SnpContext by,
        PageLevel level,
        Vmpl target,
        VmplPermissions permissions,
        bool vmsa = false)
    {
        if (!IsOperand(gfn, level)) return new(RmpResult.FailInput);
        if (target <= by.Vmpl) return new(RmpResult.FailPermission);
        if (await GuestLock(current, rmp, RmpInstruction.Rmpadjust, pfn, by) is { IsFault: true } fault) return new(fault);
        return await current.Ask(rmp, new Rmpadjust(pfn, gfn, by, level, target, permissions, vmsa));
    }

    // A guest's instruction that finds the entry locked, or no entry at all, takes an RMP fault, and is executed again.
    private static async Path<Fault> GuestLock(KernelTask current, Rmp rmp, RmpInstruction instruction, Pfn pfn, SnpContext by)
    {
        var locked = await current.Ask(rmp, new RmpEntryLock(instruction, pfn, PageLevel.Level4K, by.Asid));
        if (locked == RmpResult.Success) return Fault.None;
        return RmpCheck.Refuse(new RmpAccess { By = Accessor.SnpGuest, Encrypted = true });
    }

    private static bool IsOperand(Gfn gfn, PageLevel level) =>
        level is PageLevel.Level4K or PageLevel.Level2M && gfn.IsAligned(level);
}
