using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/virt/vmx/tdx/tdx.c: calls of the TDX module, key identifiers, and pages that were a trust domain's.</summary>
public static class TdxHost
{
    private const string Source = "arch/x86/virt/vmx/tdx/tdx.c";

    /// <summary>Calls the TDX module.</summary>
    /// <remarks>
    /// An injected failure is SYS_BUSY: nothing has changed, and it is none of those that KVM tries again. Simplified: the module
    /// never lacks entropy.
    /// </remarks>
    [Kernel("arch/x86/virt/vmx/tdx/seamcall.S", "seamcall")]
    internal static async Path<TdxStatus> Seamcall(KernelTask current, Machine machine, Seamcall call)
    {
        if (ShouldFail(current, machine, call)) return TdxCode.SysBusy;
        return await Seamcalls.Call(current, machine.Tdx!, call);
    }

    /// <summary>A page is added with a copy of <paramref name="source"/>.</summary>
    /// <remarks>Simplified: no CLFLUSH before it, as caches are coherent with memory.</remarks>
    [Kernel(Source)]
    internal static async Path<TdxStatus> TdhMemPageAdd(
        KernelTask current, Machine machine, TrustDomain td, Gfn gfn, Pfn page, Pfn source)
    {
        if (machine.Faults.ShouldFail(current, FaultKind.Seamcall, "tdh_mem_page_add")) return TdxCode.SysBusy;
        return await Seamcalls.TdhMemPageAdd(current, td, gfn, page, source);
    }

    /// <summary>A key identifier for a trust domain; ENOSPC if all are taken.</summary>
    [Kernel(Source)]
    internal static async Path<Result<Hkid>> TdxGuestKeyidAlloc(KernelTask current, Machine machine) =>
        await current.Ask(machine.TdxKeyIds!, IdaAlloc.Now) is { } hkid ? hkid : Errno.ENOSPC;

    /// <summary>Gives a key identifier back.</summary>
    [Kernel(Source)]
    internal static async Path TdxGuestKeyidFree(KernelTask current, Machine machine, Hkid hkid) =>
        await current.Ask(machine.TdxKeyIds!, new IdaFree(hkid));

    /// <summary>
    /// Fills a page that was a trust domain's with whole lines, where a partial write with the host's key would poison it.
    /// </summary>
    [Kernel(Source)]
    internal static async Path TdxQuirkResetPage(KernelTask current, Machine machine, Pfn pfn)
    {
        if (machine.Options.TdxPartialWriteErratum) await current.Ask(machine.Memory, new ClearPage(pfn));
    }

    // The name is made only where it is needed.
    private static bool ShouldFail(KernelTask current, Machine machine, Seamcall call) =>
        machine.Faults.Kinds != FaultKind.None && machine.Faults.ShouldFail(current, FaultKind.Seamcall, call.KernelName);
}
