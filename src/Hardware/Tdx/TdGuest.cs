using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>What a trust domain does while its processor is in guest mode.</summary>
// Simplified: private memory alone; what a trust domain shares with the host goes through KVM's own page tables.
public static class TdGuest
{
    /// <summary>Reads or writes a private guest frame: TLB or secure EPT, memory.</summary>
    public static async Path<AccessResult> Access(KernelTask current, TdxVcpu vcpu, Gfn gfn, AccessKind kind)
    {
        var (module, memory) = (vcpu.Td.Module, vcpu.Td.Memory);
        var translation = await PageWalk.Translate(current, vcpu.Cpu, module, new SeptWalk(vcpu.Tdvpr, gfn), gfn, kind);
        if (!translation.Allows(kind)) return new(Refused(translation, module.Options));
        var (pfn, key) = (translation.PfnOf(gfn), vcpu.Td.Hkid.Key);
        if (kind != AccessKind.Write) return new(await current.Ask(memory, new ReadPage(pfn, key)));
        await current.Ask(memory, new WritePage(pfn, key));
        return default;
    }

    /// <summary>TDG.MEM.PAGE.ACCEPT: with the entry locked the page is zeroed, then becomes the guest's.</summary>
    /// <remarks>
    /// An ACCEPT of 2M that an interrupt stops returns INTERRUPTED_RESUMABLE, and goes on there when it is called again.
    /// </remarks>
    public static async Path<TdxStatus> Accept(KernelTask current, TdxVcpu vcpu, Gfn gfn, PageLevel level = PageLevel.Level4K)
    {
        var module = vcpu.Td.Module;
        var call = new TdgMemPageAccept(vcpu.Tdvpr, gfn, level, (int)level.Pages());
        if (await Seamcalls.TakeLocks(current, module, call) is var status && status != TdxStatus.Success) return status;
        var walk = await current.Ask(module, new SeptWalk(vcpu.Tdvpr, gfn));
        if (walk.IsPending && walk.Level == level) call = call with { Zeroed = await Zero(current, vcpu, gfn, walk) };
        return await current.Ask(module, call);
    }

    private static async Path<int> Zero(KernelTask current, TdxVcpu vcpu, Gfn gfn, Translation page)
    {
        var parts = (int)page.Level.Pages();
        var zeroed = parts == 1 ? 0 : await current.Ask(vcpu.Td.Module, new TdgAcceptProgress(vcpu.Tdvpr, gfn, page.Level));
        while (zeroed < parts)
        {
            await current.Ask(vcpu.Td.Memory, new ClearPage(new(page.Pfn.Value + (uint)zeroed), vcpu.Td.Hkid.Key));
            zeroed++;
            if (zeroed < parts && await current.Ask(vcpu.Cpu, new IpiPending())) break;
        }

        return zeroed;
    }

    private static Fault Refused(Translation translation, MachineOptions options)
    {
        if (!translation.IsPending) return new(FaultKind.EptViolation);
        return new(options.PendingVe ? FaultKind.VirtualizationException : FaultKind.PendingEptViolation);
    }
}
