using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>How a processor in guest mode comes to a translation.</summary>
public static class PageWalk
{
    /// <summary>
    /// Takes the cached translation if it lets the access through; else walks the page tables and caches what it finds.
    /// </summary>
    /// <param name="current">The vCPU.</param>
    /// <param name="cpu">The processor it runs on.</param>
    /// <param name="owner">Who has the page tables.</param>
    /// <param name="walk">What to ask the owner for the guest frame.</param>
    /// <param name="gfn">The guest frame.</param>
    /// <param name="kind">What is done there.</param>
    /// <remarks>
    /// Between the walk and the access the page tables may change: the processor is still in guest mode, so whoever changes
    /// them and waits for a flush waits for this access too.
    /// </remarks>
    public static async Path<Translation> Translate(
        KernelTask current, Cpu cpu, Actor owner, Query<Translation> walk, Gfn gfn, AccessKind kind)
    {
        var cached = await current.Ask(cpu, new TlbLookup(gfn));
        if (cached.Allows(kind)) return cached;
        var found = await current.Ask(owner, walk);
        if (found.Allows(kind)) await current.Ask(cpu, new TlbFill(gfn, found));
        return found;
    }

    /// <summary>How an access is refused that the page tables do not let through.</summary>
    public static Fault Fault(Translation translation, AccessKind kind)
    {
        var error = PageFaultError.Final;
        if (translation.IsPresent) error |= PageFaultError.Present;
        if (kind == AccessKind.Write) error |= PageFaultError.Write;
        if (kind == AccessKind.Execute) error |= PageFaultError.Instr;
        return new(FaultKind.NestedPageFault, error);
    }
}
