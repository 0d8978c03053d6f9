using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>A vCPU of an SNP guest: what its accesses go through.</summary>
/// <param name="Cpu">The processor it runs on.</param>
/// <param name="PageTables">Who has its nested page tables.</param>
/// <param name="Walk">What to ask of them for a guest frame.</param>
/// <param name="Rmp">The table.</param>
/// <param name="Memory">The memory.</param>
/// <param name="Context">Its ASID and VMPL.</param>
public sealed record SnpVcpu(
    Cpu Cpu, Actor PageTables, Func<Gfn, Query<Translation>> Walk, Rmp Rmp, PhysicalMemory Memory, SnpContext Context);

/// <summary>
/// What an SNP guest does, while its processor is in guest mode: each step one thing that other processors can see.
/// </summary>
// Simplified: the guest's own page tables map every frame at its own number, 4K each, with the C-bit that the access names.
public static class SnpGuest
{
    /// <summary>Reads or writes a guest frame: TLB or nested walk, RMP, memory.</summary>
    // Simplified: an RMP change between the check and the access counts as later than the access. A kernel that flushes before it
    // takes a page away never has one there.
    public static async Path<AccessResult> Access(KernelTask current, SnpVcpu vcpu, Gfn gfn, AccessKind kind, bool encrypted)
    {
        var translation = await PageWalk.Translate(current, vcpu.Cpu, vcpu.PageTables, vcpu.Walk(gfn), gfn, kind);
        if (!translation.Allows(kind)) return new(NotMapped(translation, kind, encrypted));
        var access = new RmpAccess
        {
            Pfn = translation.PfnOf(gfn),
            Gfn = gfn,
            Level = translation.Level,
            By = Accessor.SnpGuest,
            Kind = kind,
            Encrypted = encrypted,
            Context = vcpu.Context,
        };
        var fault = await current.Ask(vcpu.Rmp, new CheckRmp(access));
        if (fault.IsFault) return new(fault);
        var key = access.IsPrivate ? vcpu.Context.Asid.Key : KeyId.Shared;
        if (kind != AccessKind.Write) return new(await current.Ask(vcpu.Memory, new ReadPage(access.Pfn, key)));
        await current.Ask(vcpu.Memory, new WritePage(access.Pfn, key));
        return default;
    }

    /// <summary>PVALIDATE of a guest frame: TLB or nested walk, then the instruction.</summary>
    public static async Path<RmpOutcome> Pvalidate(
        KernelTask current, SnpVcpu vcpu, Gfn gfn, PageLevel level, bool validate, bool encrypted = true)
    {
        var translation = await PageWalk.Translate(current, vcpu.Cpu, vcpu.PageTables, vcpu.Walk(gfn), gfn, AccessKind.Read);
        if (!translation.IsPresent) return new(NotMapped(translation, AccessKind.Read, encrypted));
        return await RmpInstructions.Pvalidate(
            current, vcpu.Rmp, translation.PfnOf(gfn), gfn, vcpu.Context, level, validate, encrypted);
    }

    // The nested page tables come first: nothing of the RMP is looked at.
    private static Fault NotMapped(Translation translation, AccessKind kind, bool encrypted)
    {
        var fault = PageWalk.Fault(translation, kind);
        return encrypted ? new(fault.Kind, fault.Error | PageFaultError.Enc) : fault;
    }
}
