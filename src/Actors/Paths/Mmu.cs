using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/mmu/mmu.c: faults of the guest.</summary>
/// <remarks>Simplified: no shadow paging, write tracking and dirty logging; what the user maps is 4K in the guest, and 1G is not used.</remarks>
public static partial class Mmu
{
    private const string Source = "arch/x86/kvm/mmu/mmu.c";

    /// <summary>
    /// The nested page tables did not let a guest's access through: how that was dealt with; <see cref="RetPf.Continue"/>, which is
    /// 0, if user space has to do something.
    /// </summary>
    /// <remarks>Simplified: user space completes the access of a device at once.</remarks>
    [Kernel(Source)]
    internal static async Path<Result<RetPf>> KvmMmuPageFault(
        KernelTask current, Vcpu vcpu, KvmRun run, Gfn gfn, PageFaultError error)
    {
        var vm = vcpu.Vm;

        // No bit of the access says of which kind it is: what the frame is decides.
        if (vm.Type == VmType.SwProtected && await KvmHost.KvmMemIsPrivate(current, vm, gfn)) error |= Pferr.PrivateAccess;
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
                return RetPf.Continue;
            case RetPf.Retry:
                current.Mark(Events.FaultRetried);
                current.Retry(fault.RetryReason);
                return result;
            case RetPf.Spurious:
                current.Mark(Events.FaultSpurious);
                return result;
            default:
                return result;
        }
    }

    /// <summary>Maps a frame of the guest, or says why not. kvm->srcu is held.</summary>
    [Kernel(Source)]
    internal static async Path<Result<RetPf>> KvmTdpPageFault(KernelTask current, PageFault fault)
    {
        var vm = fault.Vm;
        fault.Slot = await current.Ask(vm, new GfnToMemslot(fault.Gfn));
        var fast = await FastPageFault(current, fault);
        if (fast != RetPf.Invalid) return fast;
        var errno = await MmuTopupMemoryCaches(current, fault);
        var faultin = errno == Errno.None ? await KvmFaultinPfn(current, fault) : errno;
        if (faultin.IsErr || faultin.Value != RetPf.Continue)
        {
            await MmuFreeMemoryCaches(current, fault);
            return faultin;
        }

        await current.Ask(vm, KvmMmuLock.Shared);
        var stale = await IsPageFaultStale(current, fault);
        var result = stale is null ? await TdpMmu.KvmTdpMmuMap(current, fault) : fault.Retry(stale);
        var putsPageUnderLock = vm.Machine.Kernel.PutsPageUnderMmuLock;
        if (putsPageUnderLock) await KvmReleasePfn(current, fault);
        await current.Ask(vm, KvmMmuUnlock.Now);
        if (!putsPageUnderLock) await KvmReleasePfn(current, fault);
        await MmuFreeMemoryCaches(current, fault);
        return result;
    }

    /// <summary>Maps a frame before a guest uses it. kvm->srcu is held.</summary>
    /// <remarks>Simplified: a frame is mapped 4K at a time.</remarks>
    [Kernel(Source)]
    internal static async Path<Errno> KvmArchVcpuPreFaultMemory(KernelTask current, Vcpu vcpu, Gfn gfn)
    {
        var isAllowed = vcpu.Vm.Machine.Kernel.Has(SnpBugs.PrefaultBeforeLaunch) || await current.Ask(vcpu.Vm, PreFaultAllowed.Now);
        if (!isAllowed) return Errno.EOPNOTSUPP;
        if (vcpu.Vm.Type == VmType.Tdx && TdProgram.IsShared(gfn)) return Errno.EINVAL;
        if (!vcpu.Vm.Machine.Kernel.Has(MmuBugs.PrefaultKeepsObsoleteRoot)) await KvmMmuReload(current, vcpu);
        var isPrivate = await KvmHost.KvmMemIsPrivate(current, vcpu.Vm, gfn);
        var result = await KvmTdpMapPage(current, vcpu, gfn, isPrivate ? Pferr.PrivateAccess : PageFaultError.None);
        if (result.IsErr) return result.Errno;
        return result.Value == RetPf.Emulate ? Errno.ENOENT : Errno.None;
    }

    /// <summary>
    /// Takes the SPTEs of a memslot away that is being deleted; what forces faults to retry is the INVALID slot.
    /// </summary>
    /// <remarks>Simplified: the quirk that has a default VM lose all its SPTEs is on.</remarks>
    [Kernel(Source)]
    internal static Path KvmArchFlushShadowMemslot(KernelTask current, Vm vm, Memslot slot) =>
        vm.Type == VmType.Default || (vm.Machine.Kernel.DeleteZapsAll && vm.Type != VmType.Tdx)
            ? KvmMmuZapAllFast(current, vm, slot)
            : KvmMmuZapMemslot(current, vm, slot);

    /// <summary>
    /// Takes the SPTEs of a range away whose kind changes, and has the faults retry of all huge pages that have any frame of it.
    /// </summary>
    [Kernel(Source)]
    internal static async Path<bool> KvmArchPreSetMemoryAttributes(
        KernelTask current, Vm vm, Memslot slot, GfnRange range, KvmGfnRangeFilter filter)
    {
        // Else the huge page at an end, of which the range has a part, could be mapped again before it is known to be mixed.
        if (slot.HugePages != default && !vm.Machine.Kernel.Has(MmuBugs.HugePageVsAttributes))
        {
            await AddHugePage(current, vm, slot, range.Start.AlignDown(PageLevel.Level2M), range);
            await AddHugePage(current, vm, slot, new Gfn(range.End.Value - 1).AlignDown(PageLevel.Level2M), range);
        }

        return await KvmMain.KvmMmuUnmapGfnRange(current, vm, range, filter);
    }

    /// <summary>Says of the huge pages whether they are of both kinds now.</summary>
    [Kernel(Source)]
    internal static async Path KvmArchPostSetMemoryAttributes(KernelTask current, Vm vm, Memslot slot, GfnRange range)
    {
        if (slot.HugePages != default) await current.Ask(vm, new HugepageSetMixed(slot, range));
    }

    /// <summary>Allocates what must not be allocated under mmu_lock: pages for the page tables that the fault may have to add.</summary>
    /// <remarks>
    /// Simplified: only those of a secure EPT cost memory, and only as many are taken as are missing; what is left over is not kept
    /// for the vCPU's next fault.
    /// </remarks>
    [Kernel(Source)]
    internal static async Path<Errno> MmuTopupMemoryCaches(KernelTask current, PageFault fault)
    {
        var vm = fault.Vm;
        if (vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "mmu_topup_memory_caches")) return Errno.ENOMEM;
        if (!fault.IsMirror) return Errno.None;
        for (var missing = await current.Ask(vm, new MirrorTablesMissing(fault.Gfn)); missing > 0; missing--)
        {
            if (await current.Ask(vm.Machine.Memory, new AllocPage(vm)) is not { } page) return Errno.ENOMEM;
            (fault.ExternalSpts ??= []).Push(page);
        }

        return Errno.None;
    }

    /// <summary>Gives back what the fault did not need.</summary>
    [Kernel(Source)]
    internal static async Path MmuFreeMemoryCaches(KernelTask current, PageFault fault)
    {
        while (fault.ExternalSpts is { Count: > 0 } unused) await current.Ask(fault.Vm.Machine.Memory, new FreePage(unused.Pop()));
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
            if (!vcpu.Vm.Machine.Kernel.Has(MmuBugs.PrefaultRetriesObsoleteRoot)) await KvmMmuReload(current, vcpu);
            current.Retry(fault.RetryReason);
        }
    }

    /// <summary>
    /// Maps a private frame whose page is known: nothing is looked up again, and nothing can be stale, since the page cache and the memslots
    /// hold still. slots_lock and filemap_invalidate_lock are held.
    /// </summary>
    [Kernel(Source)]
    internal static async Path<Errno> KvmTdpMmuMapPrivatePfn(KernelTask current, Vcpu vcpu, Gfn gfn, Pfn pfn)
    {
        var vm = vcpu.Vm;
        await KvmMmuReload(current, vcpu);
        var fault = new PageFault(vcpu, new KvmRun([]), gfn, PageFaultError.Write | Pferr.PrivateAccess) { Pfn = pfn };
        var errno = await MmuTopupMemoryCaches(current, fault);
        var result = RetPf.Retry;
        while (errno == Errno.None && result == RetPf.Retry)
        {
            if (KvmMain.SignalPending(current, vm)) errno = Errno.EINTR;
            else if (await current.Ask(vm, ReadVmDead.Now)) errno = Errno.EIO;
            if (errno != Errno.None) break;
            await current.Ask(vm, KvmMmuLock.Shared);
            result = await TdpMmu.KvmTdpMmuMap(current, fault);
            await current.Ask(vm, KvmMmuUnlock.Now);
            if (result == RetPf.Retry) current.Retry(fault.RetryReason);
        }

        await MmuFreeMemoryCaches(current, fault);
        return errno != Errno.None ? errno : result == RetPf.Fixed ? Errno.None : Errno.EIO;
    }

    /// <summary>Finds the frame behind the fault, with a reference.</summary>
    [Kernel(Source)]
    private static async Path<Result<RetPf>> KvmFaultinPfn(KernelTask current, PageFault fault)
    {
        var vm = fault.Vm;

        // Before anything is looked up: an invalidation that ends after this is one that the fault may have missed.
        fault.MmuSeq = await current.Ask(vm, ReadMmuInvalidateSeq.Now);
        var isPrivate = await KvmHost.KvmMemIsPrivate(current, vm, fault.Gfn);
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
        var errno = fault.IsPrivate || slot.IsGmemOnly
            ? await KvmMmuFaultinPfnPrivate(current, fault, slot)
            : await KvmMmuFaultinPfn(current, fault, slot);
        if (errno != Errno.None) return errno;
        if (!await current.Ask(vm, stale)) return RetPf.Continue;
        await KvmReleasePfn(current, fault);
        return fault.Retry("mmu_invalidate_retry_gfn_unsafe");
    }

    /// <summary>The frame comes from the slot's gmem file: a private one, or any of a slot that has no other memory.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmMmuFaultinPfnPrivate(KernelTask current, PageFault fault, Memslot slot)
    {
        if (!slot.CanBePrivate) return MemoryFaultExit(current, fault, Errno.EFAULT);
        var page = await GuestMemfd.KvmGmemGetPfn(current, fault.Vm, slot, fault.Gfn);
        if (page.IsErr) return MemoryFaultExit(current, fault, page.Errno);
        (fault.Pfn, fault.Inode) = (page.Value.Pfn, page.Value.Inode);
        fault.MapsWritable = (slot.Flags & KvmMem.Readonly) == 0;
        fault.MaxLevel = page.Value.MaxLevel;
        if (!fault.Vm.Machine.Kernel.ClampsUnderMmuLock)
        {
            fault.MaxLevel = await KvmGmemMaxMappingLevel(current, fault.Vm, fault.Pfn, fault.MaxLevel);
        }

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
        var found = await Gup.GetUserPageFastOnly(current, mm, page) ?? await Gup.GetUserPagesUnlocked(current, mm, page);
        if (found is null) return Errno.EFAULT;
        (fault.Pfn, fault.Inode) = (found.Value.Pfn, found.Value.Inode);
        return Errno.None;
    }

    /// <summary>The test that says that what the fault found may be out of date; null if none does. mmu_lock is held.</summary>
    [Kernel(Source)]
    private static async Path<string?> IsPageFaultStale(KernelTask current, PageFault fault) =>
        await current.Ask(fault.Vm, new IsPageFaultStale(fault.Vcpu, fault.MmuSeq, fault.Gfn)) switch
        {
            Staleness.ObsoleteRoot => "is_obsolete_sp",
            Staleness.Invalidated => "mmu_invalidate_retry_gfn",
            _ => null,
        };

    /// <summary>Whether the access succeeds now, so that the guest can try again without mmu_lock.</summary>
    /// <remarks>Simplified: no page is write-protected or lacks its accessed bit, so that there is nothing to repair.</remarks>
    [Kernel(Source)]
    private static async Path<RetPf> FastPageFault(KernelTask current, PageFault fault)
    {
        if (!await PageFaultCanBeFast(current, fault)) return RetPf.Invalid;
        var spte = await current.Ask(fault.Vm, new ReadSpte(fault.Vcpu, fault.Gfn, PageLevel.Level4K));
        return spte.IsLeaf && spte.IsWritable ? RetPf.Spurious : RetPf.Invalid;
    }

    /// <summary>Only a write to what was present can be fast, and only if the frame is of the kind that the guest takes it for.</summary>
    [Kernel(Source)]
    private static async Path<bool> PageFaultCanBeFast(KernelTask current, PageFault fault)
    {
        var vm = fault.Vm;
        if (!fault.IsPresent || !fault.IsWrite) return false;
        if (!vm.HasPrivateMemory || vm.Machine.Kernel.Has(MmuBugs.FastPathForMismatch)) return true;
        return await KvmHost.KvmMemIsPrivate(current, vm, fault.Gfn) == fault.IsPrivate;
    }

    /// <summary>The largest mapping that the fault's frame may have in the guest. mmu_lock is held.</summary>
    [Kernel(Source)]
    internal static async Path KvmMmuHugepageAdjust(KernelTask current, PageFault fault)
    {
        if (fault.MaxLevel == PageLevel.Level4K || fault.Slot is null) return;
        var level = await current.Ask(fault.Vm, new LpageInfoMaxLevel(fault.Slot, fault.Gfn));
        if (level > PageLevel.Level4K && fault.IsPrivate && fault.Vm.Machine.Kernel.ClampsUnderMmuLock)
        {
            level = await KvmGmemMaxMappingLevel(current, fault.Vm, fault.Pfn, fault.MaxLevel);
        }

        // A frame that is not where a larger mapping has it cannot be mapped so.
        var mask = level.Pages() - 1;
        fault.GoalLevel = (fault.Gfn.Value & mask) == (fault.Pfn.Value & mask) && level < fault.MaxLevel ? level : fault.MaxLevel;
    }

    /// <summary>The largest mapping that the architecture allows of a private frame.</summary>
    [Kernel(Source, "kvm_max_private_mapping_level")]
    private static async Path<PageLevel> KvmGmemMaxMappingLevel(KernelTask current, Vm vm, Pfn pfn, PageLevel max)
    {
        if (max == PageLevel.Level4K) return max;
        var limit = await X86Ops.GmemMaxMappingLevel(current, vm, pfn);
        var clamps = limit != PageLevel.None && limit < max && !vm.Machine.Kernel.Has(SnpBugs.ClampReturnsRequest);
        return clamps ? limit : max;
    }

    /// <summary>Takes the leaves of a range away, in an invalidation of its own.</summary>
    [Kernel(Source)]
    internal static async Path KvmZapGfnRange(KernelTask current, Vm vm, GfnRange range)
    {
        if (current.WarnOn(range.End.Value <= range.Start.Value, "kvm_zap_gfn_range: an empty range")) return;

        // Simplified: callers hold kvm->srcu, which 6.12 takes here.
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await current.Ask(vm, KvmMmuInvalidateBegin.Now);
        await current.Ask(vm, new KvmMmuInvalidateRangeAdd(range));
        if (await TdpMmu.KvmTdpMmuUnmapGfnRange(current, vm, range, KvmGfnRangeFilter.All, mayBlock: true)) await KvmMain.KvmFlushRemoteTlbs(current, vm);
        await current.Ask(vm, KvmMmuInvalidateEnd.Now);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Gives up the root if it was made invalid, and loads one if there is none.</summary>
    [Kernel(Source)]
    internal static async Path KvmMmuReload(KernelTask current, Vcpu vcpu)
    {
        if (await current.Ask(vcpu.Vm, new IsObsoleteRoot(vcpu))) await KvmMmuFreeObsoleteRoots(current, vcpu);
        if (!await current.Ask(vcpu.Vm, new HasRoot(vcpu))) await KvmMmuLoad(current, vcpu);
    }

    [Kernel(Source)]
    private static async Path KvmMmuFreeObsoleteRoots(KernelTask current, Vcpu vcpu)
    {
        current.Mark(Events.RootReloaded);
        await current.Ask(vcpu.Vm, KvmMmuLock.Shared);
        await current.Ask(vcpu.Vm, new KvmTdpMmuPutRoot(vcpu));
        await current.Ask(vcpu.Vm, KvmMmuUnlock.Now);
    }

    [Kernel(Source)]
    private static async Path KvmMmuLoad(KernelTask current, Vcpu vcpu)
    {
        await current.Ask(vcpu.Vm, KvmMmuLock.Shared);
        await current.Ask(vcpu.Vm, new KvmTdpMmuAllocRoot(vcpu));
        await current.Ask(vcpu.Vm, KvmMmuUnlock.Now);
    }

    /// <summary>Makes all roots invalid, has the vCPUs give them up, then takes what is below them away.</summary>
    /// <remarks>Simplified: no shadow pages, so that mmu_valid_gen is not needed.</remarks>
    [Kernel(Source)]
    private static async Path KvmMmuZapAllFast(KernelTask current, Vm vm, Memslot slot)
    {
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await X86.KvmArchGmemInvalidateSlot(current, vm, slot);
        await current.Ask(vm, KvmTdpMmuInvalidateRoots.Now);
        await KvmMain.KvmMakeAllCpusRequest(current, vm, VcpuRequests.MmuFreeObsoleteRoots);
        await current.Ask(vm, KvmMmuUnlock.Now);
        await TdpMmu.KvmTdpMmuZapInvalidatedRoots(current, vm);
    }

    /// <summary>Takes the SPTEs of a memslot away, and those alone.</summary>
    [Kernel(Source)]
    private static async Path KvmMmuZapMemslot(KernelTask current, Vm vm, Memslot slot)
    {
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await X86.KvmArchGmemInvalidateSlot(current, vm, slot);
        if (await TdpMmu.KvmTdpMmuUnmapGfnRange(current, vm, slot.Range, KvmGfnRangeFilter.All, mayBlock: true)) await KvmMain.KvmFlushRemoteTlbs(current, vm);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Drops the fault's reference on its page.</summary>
    [Kernel(Source, "kvm_release_pfn_clean")]
    private static Path KvmReleasePfn(KernelTask current, PageFault fault) => fault.Inode is { } inode
        ? Swap.FolioPut(current, inode, fault.Pfn)
        : Swap.PutPage(current, fault.Vm.Mm!, fault.Pfn);

    [Kernel(Source, "kvm_arch_pre_set_memory_attributes")]
    private static async Path AddHugePage(KernelTask current, Vm vm, Memslot slot, Gfn start, GfnRange range)
    {
        var page = new GfnRange(start, start + PageLevels.PagesPer2M);
        if (page.Intersect(range) == page || await current.Ask(vm, new HugepageTestMixed(slot, start))) return;
        await current.Ask(vm, new KvmMmuInvalidateRangeAdd(page));
    }

    // User space is told the frame and whether the access was private.
    private static Errno MemoryFaultExit(KernelTask current, PageFault fault, Errno errno)
    {
        var run = fault.Run;
        (run.ExitReason, run.Range, run.IsPrivate) = (ExitReason.MemoryFault, new(fault.Gfn, fault.Gfn + 1), fault.IsPrivate);
        current.Mark(Events.MemoryFaultExit);
        return errno;
    }
}
