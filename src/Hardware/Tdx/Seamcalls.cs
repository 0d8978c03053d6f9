using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>A trust domain: the module that keeps it, the memory it has pages of, its root and its key.</summary>
public sealed record TrustDomain(TdxModule Module, PhysicalMemory Memory, Pfn Tdr, Hkid Hkid);

/// <summary>A vCPU of a trust domain.</summary>
/// <param name="Td">Its trust domain.</param>
/// <param name="Cpu">The processor it runs on.</param>
/// <param name="CpuNumber">That processor's number, for the module.</param>
/// <param name="Tdvpr">Its root.</param>
public sealed record TdxVcpu(TrustDomain Td, Cpu Cpu, int CpuNumber, Pfn Tdvpr);

/// <summary>
/// The calls of the TDX module as a processor executes them: a step for each lock, one to do it and give the locks back.
/// </summary>
public static class Seamcalls
{
    /// <summary>Any call that touches no memory: <c>seamcall()</c>.</summary>
    public static async Path<TdxStatus> Call(KernelTask current, TdxModule module, Seamcall call)
    {
        if (await TakeLocks(current, module, call) is var status && status != TdxStatus.Success) return status;
        return await current.Ask(module, call);
    }

    /// <summary>MEM.PAGE.ADD: the page is added, with what the host had in <paramref name="source"/>.</summary>
    /// <remarks>The content comes a step after the entry: nobody runs in a trust domain that is still being built.</remarks>
    public static async Path<TdxStatus> TdhMemPageAdd(KernelTask current, TrustDomain td, Gfn gfn, Pfn page, Pfn source)
    {
        var status = await Call(current, td.Module, new TdhMemPageAdd(td.Tdr, gfn, page));
        if (status != TdxStatus.Success) return status;
        await current.Ask(td.Memory, new ReadPage(source));
        await current.Ask(td.Memory, new WritePage(page, td.Hkid.Key));
        return status;
    }

    /// <summary>VP.ENTER: on success the processor is in guest mode, and stays there until <see cref="Exit"/>.</summary>
    /// <remarks>
    /// To be called with interrupts off, as KVM does: else an IPI between the module's step and the processor's would be taken
    /// at once, as no IPI is in the module.
    /// </remarks>
    public static async Path<TdxStatus> TdhVpEnter(KernelTask current, TdxVcpu vcpu)
    {
        var status = await Call(current, vcpu.Td.Module, new TdhVpEnter(vcpu.Tdvpr, vcpu.CpuNumber));
        if (!status.HasEntered) return status;
        await current.Ask(vcpu.Cpu, new EnterGuest(FlushTlb: status == TdxStatus.Flushed));
        return TdxStatus.Success;
    }

    /// <summary>
    /// The vCPU exits: the module gives its locks back and takes it out of its epoch, then the processor can take interrupts.
    /// </summary>
    /// <param name="current">The vCPU.</param>
    /// <param name="vcpu">The same, as hardware has it.</param>
    /// <param name="rip">The instruction it stands at.</param>
    /// <param name="violation">The frame, if an EPT violation made it exit.</param>
    public static async Path Exit(KernelTask current, TdxVcpu vcpu, ulong rip, Gfn? violation = null)
    {
        await current.Ask(vcpu.Td.Module, new TdExit(vcpu.Tdvpr, rip, violation));
        await current.Ask(vcpu.Cpu, new ExitGuest());
    }

    internal static async Path<TdxStatus> TakeLocks(KernelTask current, TdxModule module, Seamcall call)
    {
        foreach (var need in call.Locks)
        {
            var status = await current.Ask(module, new TdxTryLock(need.Lock, need.Mode, call));
            if (status != TdxStatus.Success) return status;
        }

        return TdxStatus.Success;
    }
}
