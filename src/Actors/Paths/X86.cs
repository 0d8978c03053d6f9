using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/x86.c: a vCPU runs.</summary>
public static class X86
{
    private const string Source = "arch/x86/kvm/x86.c";

    /// <summary>KVM_RUN: the guest uses these frames, one after the other, until an access needs user space.</summary>
    [Kernel(Source)]
    public static async Path<Errno> KvmArchVcpuIoctlRun(KernelTask current, Vm vm, IReadOnlyList<Access> accesses)
    {
        var errno = Errno.None;
        await current.Ask(vm, SrcuReadLock.Now);
        for (var i = 0; i < accesses.Count && errno == Errno.None; i++) errno = await VcpuRun(current, vm, accesses[i]);
        await current.Ask(vm, SrcuReadUnlock.Now);
        return errno;
    }

    /// <summary>Enters the guest until its access succeeds, handling its faults.</summary>
    [Kernel(Source)]
    private static async Path<Errno> VcpuRun(KernelTask current, Vm vm, Access access)
    {
        while (!await VcpuEnterGuest(current, vm, access))
        {
            var fault = new PageFault(vm, access);
            var result = await Mmu.KvmTdpPageFault(current, fault);
            if (result.IsErr) return result.Errno;

            // Simplified: user space completes the access of a device at once.
            if (result.Value == RetPf.Emulate) return Errno.None;
            if (result.Value == RetPf.Spurious) current.Mark(Events.FaultSpurious);
            if (result.Value != RetPf.Retry) continue;
            current.Mark(Events.FaultRetried);
            current.Retry(fault.RetryReason);
        }

        return Errno.None;
    }

    /// <summary>Lets the guest try its access; says whether it could. kvm->srcu is not held meanwhile.</summary>
    /// <remarks>Simplified: the guest leaves guest mode after each access, and its TLB is empty when it enters.</remarks>
    [Kernel(Source)]
    private static async Path<bool> VcpuEnterGuest(KernelTask current, Vm vm, Access access)
    {
        await current.Ask(vm, SrcuReadUnlock.Now);
        await current.Ask(vm, Actors.VcpuEnterGuest.Now);
        var spte = await current.Ask(vm, new ReadSpte(access.Gfn));

        // From the walk to the exit the guest has the translation, whatever becomes of the SPTE.
        var isAllowed = spte?.IsPrivate == access.IsPrivate;
        if (isAllowed) await current.Ask(vm.Machine.Memory, new GuestAccess(spte!.Value.Pfn));
        await current.Ask(vm, VcpuExitGuest.Now);
        await current.Ask(vm, SrcuReadLock.Now);
        return isAllowed;
    }

    /// <summary>A guest is about to get a page of a gmem file. The folio is locked.</summary>
    [Kernel(Source)]
    internal static Path<Errno> KvmArchGmemPrepare(KernelTask current, Vm vm, Gfn gfn, Pfn pfn, int maxOrder) =>
        vm.Type == VmType.Snp ? Sev.SevGmemPrepare(current, vm, pfn, gfn, maxOrder) : new(Errno.None);

    /// <summary>Pages of a gmem file left its page cache and are about to be freed.</summary>
    [Kernel(Source)]
    internal static Path KvmArchGmemInvalidate(KernelTask current, Machine machine, Pfn start, Pfn end) =>
        machine.Rmp is null ? default : Sev.SevGmemInvalidate(current, machine, start, end);
}
