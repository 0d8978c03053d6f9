using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/mmu/mmu.c: faults of the guest.</summary>
/// <remarks>Simplified: no huge pages, write tracking, dirty logging, fast path; roots and tables stay.</remarks>
public static class Mmu
{
    private const string Source = "arch/x86/kvm/mmu/mmu.c";

    /// <summary>The nested page tables did not let a guest's access through; says whether to let it try again.</summary>
    /// <remarks>Simplified: user space completes the access of a device at once.</remarks>
    [Kernel(Source)]
    internal static async Path<Result<bool>> KvmMmuPageFault(
        KernelTask current, Vcpu vcpu, KvmRun run, Gfn gfn, PageFaultError error)
    {
        var vm = vcpu.Vm;

        // No bit of the access says of which kind it is: what the frame is decides.
        if (vm.Type == VmType.SwProtected && await current.Ask(vm, new KvmMemIsPrivate(gfn))) error |= Pferr.PrivateAccess;
        var fault = new PageFault(vcpu, run, gfn, error);
        var result = await KvmTdpPageFault(current, fault);
        if (result.IsErr) return result.Errno;
        switch (result.Value)
        {
            case RetPf.Emulate when fault.IsPrivate:
                return MemoryFaultExit(current, fault, Errno.EFAULT);
            case RetPf.Emulate:
                run.ExitReason = ExitReason.Mmio;
                run.Next++;
                return false;
            case RetPf.Retry:
                current.Mark(Events.FaultRetried);
                current.Retry(fault.RetryReason);
                return true;
            case RetPf.Spurious:
                current.Mark(Events.FaultSpurious);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Maps a frame of the guest, or says why not. kvm->srcu is held.</summary>
    [Kernel(Source)]
    internal static async Path<Result<RetPf>> KvmTdpPageFault(KernelTask current, PageFault fault)
    {
        var vm = fault.Vm;
        fault.Slot = await current.Ask(vm, new GfnToMemslot(fault.Gfn));
        var faultin = await KvmFaultinPfn(current, fault);
        if (faultin.IsErr || faultin.Value != RetPf.Continue) return faultin;
        await current.Ask(vm, KvmMmuLock.Shared);
        var result = await IsPageFaultStale(current, fault)
            ? fault.Retry("mmu_invalidate_retry_gfn")
            : await TdpMmu.KvmTdpMmuMap(current, fault);
        var putsPageUnderLock = vm.Machine.Kernel.PutsPageUnderMmuLock;
        if (putsPageUnderLock) await KvmReleasePfn(current, fault);
        await current.Ask(vm, KvmMmuUnlock.Now);
        if (!putsPageUnderLock) await KvmReleasePfn(current, fault);
        return result;
    }

    /// <summary>Maps a frame before a guest uses it. kvm->srcu is held.</summary>
    /// <remarks>Simplified: the VM allows it, roots stay, and a frame is mapped 4K at a time.</remarks>
    [Kernel(Source)]
    internal static async Path<Errno> KvmArchVcpuPreFaultMemory(KernelTask current, Vcpu vcpu, Gfn gfn)
    {
        var isPrivate = await current.Ask(vcpu.Vm, new KvmMemIsPrivate(gfn));
        var result = await KvmTdpMapPage(current, vcpu, gfn, isPrivate ? Pferr.PrivateAccess : PageFaultError.None);
        if (result.IsErr) return result.Errno;
        return result.Value == RetPf.Emulate ? Errno.ENOENT : Errno.None;
    }

    /// <summary>
    /// Takes the SPTEs of a memslot away that is being deleted; what forces faults to retry is the INVALID slot.
    /// </summary>
    /// <remarks>Simplified: always the slot's own range, not all roots, as default VMs have it.</remarks>
    [Kernel(Source)]
    internal static async Path KvmArchFlushShadowMemslot(KernelTask current, Vm vm, Memslot slot)
    {
        await current.Ask(vm, KvmMmuLock.Exclusive);
        if (await current.Ask(vm, new KvmUnmapGfnRange(slot.Range))) await KvmMain.KvmFlushRemoteTlbs(current, vm);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Tries until the frame is mapped or cannot be.</summary>
    /// <remarks>Simplified: the VM is not dead.</remarks>
    [Kernel(Source)]
    private static async Path<Result<RetPf>> KvmTdpMapPage(
        KernelTask current, Vcpu vcpu, Gfn gfn, PageFaultError error)
    {
        // What a fault leaves in kvm_run nobody looks at.
        var run = new KvmRun([]);
        while (true)
        {
            if (KvmMain.SignalPending(current, vcpu.Vm)) return Errno.EINTR;
            var fault = new PageFault(vcpu, run, gfn, error, isPrefetch: true);
            var result = await KvmTdpPageFault(current, fault);
            if (result.IsErr || result.Value != RetPf.Retry) return result;
            current.Retry(fault.RetryReason);
        }
    }

    /// <summary>Finds the frame behind the fault, with a reference.</summary>
    [Kernel(Source)]
    private static async Path<Result<RetPf>> KvmFaultinPfn(KernelTask current, PageFault fault)
    {
        var vm = fault.Vm;

        // Before anything is looked up: an invalidation that ends after this is one that the fault may have missed.
        fault.MmuSeq = await current.Ask(vm, ReadMmuInvalidateSeq.Now);
        var isPrivate = await current.Ask(vm, new KvmMemIsPrivate(fault.Gfn));
        if (fault.IsPrivate != isPrivate) return MemoryFaultExit(current, fault, Errno.EFAULT);
        if (fault.Slot is not { } slot)
        {
            // Simplified: no SPTE is installed for MMIO; each access of it faults.
            return isPrivate ? MemoryFaultExit(current, fault, Errno.EFAULT) : RetPf.Emulate;
        }

        if (slot.IsInvalid)
        {
            // Who asks for a prefetch holds kvm->srcu from one try to the next, so the slot would never go.
            if (fault.IsPrefetch) current.Mark(Events.PrefaultedInvalid);
            var gives = fault.IsPrefetch && !vm.Machine.Kernel.Has(MmuBugs.PrefaultRetriesInvalidSlot);
            return gives ? Errno.EAGAIN : fault.Retry("KVM_MEMSLOT_INVALID");
        }

        // A guess that saves the work which the test under mmu_lock would throw away.
        var stale = new MmuInvalidateRetryGfnUnsafe(fault.MmuSeq, fault.Gfn);
        if (await current.Ask(vm, stale)) return fault.Retry("mmu_invalidate_retry_gfn_unsafe");
        var errno = fault.IsPrivate
            ? await KvmMmuFaultinPfnPrivate(current, fault, slot)
            : await KvmMmuFaultinPfn(current, fault, slot);
        if (errno != Errno.None) return errno;
        if (!await current.Ask(vm, stale)) return RetPf.Continue;
        await KvmReleasePfn(current, fault);
        return fault.Retry("mmu_invalidate_retry_gfn_unsafe");
    }

    /// <summary>The frame comes from the slot's gmem file.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmMmuFaultinPfnPrivate(KernelTask current, PageFault fault, Memslot slot)
    {
        if (!slot.CanBePrivate) return MemoryFaultExit(current, fault, Errno.EFAULT);
        var page = await GuestMemfd.KvmGmemGetPfn(current, fault.Vm, slot, fault.Gfn);
        if (page.IsErr) return MemoryFaultExit(current, fault, page.Errno);
        (fault.Pfn, fault.Inode) = (page.Value.Pfn, page.Value.Inode);
        return Errno.None;
    }

    /// <summary>The frame comes from the memory of the user, at the slot's address.</summary>
    /// <remarks>Simplified: no I/O, so no async page fault; no signal is pending.</remarks>
    [Kernel(Source, "__kvm_mmu_faultin_pfn")]
    private static async Path<Errno> KvmMmuFaultinPfn(KernelTask current, PageFault fault, Memslot slot)
    {
        // Where nothing is mapped there is no memory-fault exit.
        if (fault.Vm.Mm is not { } mm) return Errno.EFAULT;
        var page = slot.AddressOf(fault.Gfn) >> Pages.Shift;
        var pfn = await Gup.GetUserPageFastOnly(current, mm, page) ?? await Gup.GetUserPagesUnlocked(current, mm, page);
        if (pfn is null) return Errno.EFAULT;
        fault.Pfn = pfn.Value;
        return Errno.None;
    }

    /// <summary>Whether what the fault found may have been invalidated meanwhile. mmu_lock is held.</summary>
    /// <remarks>Simplified: roots do not become obsolete.</remarks>
    [Kernel(Source)]
    private static async Path<bool> IsPageFaultStale(KernelTask current, PageFault fault) =>
        await current.Ask(fault.Vm, new MmuInvalidateRetryGfn(fault.MmuSeq, fault.Gfn));

    /// <summary>Drops the fault's reference on its page.</summary>
    [Kernel(Source, "kvm_release_pfn_clean")]
    private static Path KvmReleasePfn(KernelTask current, PageFault fault) => fault.Inode is { } inode
        ? Swap.FolioPut(current, inode, fault.Pfn)
        : Swap.PutPage(current, fault.Vm.Mm!, fault.Pfn);

    // User space is told the frame and whether the access was private.
    private static Errno MemoryFaultExit(KernelTask current, PageFault fault, Errno errno)
    {
        var run = fault.Run;
        (run.ExitReason, run.Range, run.IsPrivate) = (ExitReason.MemoryFault, new(fault.Gfn, fault.Gfn + 1), fault.IsPrivate);
        current.Mark(Events.MemoryFaultExit);
        return errno;
    }
}
