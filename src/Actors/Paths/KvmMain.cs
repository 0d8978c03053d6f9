using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>virt/kvm/kvm_main.c: memslots and invalidation.</summary>
public static class KvmMain
{
    private const string Source = "virt/kvm/kvm_main.c";
    private const uint UserMemSlots = 32764;
    private const ulong MaxPages = (1ul << 31) - 1;

    /// <summary>KVM_SET_USER_MEMORY_REGION2.</summary>
    [Kernel(Source)]
    public static async Path<Errno> KvmVmIoctlSetMemoryRegion(
        KernelTask current, Vm vm, FilesStruct files, UserMemoryRegion mem)
    {
        if ((ushort)mem.Slot >= UserMemSlots) return Errno.EINVAL;
        await current.Ask(vm, SlotsLock.Now);
        var errno = await KvmSetMemoryRegion(current, vm, files, mem);
        await current.Ask(vm, SlotsUnlock.Now);
        return errno;
    }

    /// <summary>KVM_SET_MEMORY_ATTRIBUTES: converts frames between private and shared.</summary>
    [Kernel(Source)]
    public static async Path<Errno> KvmVmIoctlSetMemAttributes(KernelTask current, Vm vm, MemoryAttributesRequest attrs)
    {
        var supported = vm.HasPrivateMemory ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None;
        if (attrs.Flags != 0) return Errno.EINVAL;
        if ((attrs.Attributes & ~supported) != 0) return Errno.EINVAL;
        if (attrs.Size == 0 || attrs.Address + attrs.Size < attrs.Address) return Errno.EINVAL;
        if (!Pages.IsAligned(attrs.Address) || !Pages.IsAligned(attrs.Size)) return Errno.EINVAL;
        var range = new GfnRange(
            new(attrs.Address >> Pages.Shift), new((attrs.Address + attrs.Size) >> Pages.Shift));
        await KvmVmSetMemAttributes(current, vm, range, attrs.Attributes);
        return Errno.None;
    }

    /// <summary>KVM_PRE_FAULT_MEMORY: maps a range before the guest uses it; returns how many bytes are left.</summary>
    /// <remarks>
    /// An error is told only if nothing was mapped.
    /// </remarks>
    [Kernel(Source)]
    public static async Path<Result<ulong>> KvmVcpuPreFaultMemory(
        KernelTask current, Vcpu vcpu, ulong gpa, ulong size, ulong flags = 0)
    {
        var vm = vcpu.Vm;
        if (!vm.Machine.Kernel.HasPreFault) return Errno.ENOTTY;
        if (flags != 0) return Errno.EINVAL;
        if (!Pages.IsAligned(gpa) || !Pages.IsAligned(size) || size == 0 || gpa + size < gpa) return Errno.EINVAL;
        var (full, errno) = (size, Errno.None);
        await current.Ask(vcpu, VcpuLock.Now);

        // For the whole loop: what waits for its readers waits for all of it.
        await current.Ask(vm, SrcuReadLock.Now);
        while (size > 0)
        {
            errno = SignalPending(current, vm) ? Errno.EINTR : Errno.None;
            if (errno != Errno.None) break;
            errno = await Mmu.KvmArchVcpuPreFaultMemory(current, vcpu, new(gpa >> Pages.Shift));
            if (errno != Errno.None) break;
            (gpa, size) = (gpa + Pages.Size, size - Pages.Size);
        }

        await current.Ask(vm, SrcuReadUnlock.Now);
        await current.Ask(vcpu, VcpuUnlock.Now);
        return size == full ? errno : size;
    }

    /// <summary>KVM_RUN: the guest goes on with its program until it needs user space, or is at its end.</summary>
    [Kernel(Source, "kvm_vcpu_ioctl")]
    public static async Path<Errno> KvmVcpuIoctlRun(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        await current.Ask(vcpu, VcpuLock.Now);
        var errno = await X86.KvmArchVcpuIoctlRun(current, vcpu, run);
        await current.Ask(vcpu, VcpuUnlock.Now);
        return errno;
    }

    /// <summary>No vCPU uses a translation any more that was taken away before.</summary>
    [Kernel(Source)]
    internal static Path KvmFlushRemoteTlbs(KernelTask current, Vm vm) =>
        KvmMakeAllCpusRequest(current, vm, VcpuRequests.TlbFlush);

    /// <summary>
    /// Asks something of every vCPU, to be done before it enters the guest; those that are in the guest are kicked out, and waited for.
    /// </summary>
    /// <remarks>Simplified: a request that needs no waiting, and one that wakes a vCPU that sleeps, are not told apart.</remarks>
    [Kernel(Source)]
    internal static async Path KvmMakeAllCpusRequest(KernelTask current, Vm vm, VcpuRequests requests)
    {
        var vcpus = await current.Ask(vm, KvmForEachVcpu.Now);
        var kicked = 0ul;
        for (var i = 0; i < vcpus.Length; i++)
        {
            await current.Ask(vcpus[i], new KvmMakeRequest(requests));
            if (await current.Ask(vcpus[i].Cpu, SendIpi.Now)) kicked |= 1ul << (i & 63);
        }

        for (var i = 0; i < vcpus.Length; i++)
        {
            if ((kicked & (1ul << (i & 63))) != 0) await current.Ask(vcpus[i].Cpu, WaitForIpi.Now);
        }
    }

    /// <summary>Whether a signal is pending for the task: <c>signal_pending(current)</c>.</summary>
    internal static bool SignalPending(KernelTask current, Vm vm) =>
        vm.Machine.Faults.ShouldFail(current, FaultKind.Signal, "signal_pending");

    /// <summary>
    /// Takes the SPTEs of a range away and has its faults retry; says whether a flush is due. mmu_lock is held.
    /// </summary>
    [Kernel(Source)]
    internal static async Path<bool> KvmMmuUnmapGfnRange(KernelTask current, Vm vm, GfnRange range)
    {
        await current.Ask(vm, new KvmMmuInvalidateRangeAdd(range));

        // Simplified: the zap does not yield mmu_lock.
        return await current.Ask(vm, new KvmUnmapGfnRange(range));
    }

    /// <summary>Stores the attributes of a range while its faults retry.</summary>
    /// <remarks>Simplified: there is memory for the entries; no huge pages, so no head, tail and MIXED flags.</remarks>
    [Kernel(Source)]
    private static async Path KvmVmSetMemAttributes(
        KernelTask current, Vm vm, GfnRange range, KvmMemoryAttributes attributes)
    {
        await current.Ask(vm, SlotsLock.Now);
        if (!await current.Ask(vm, new KvmRangeHasMemoryAttributes(range, attributes)))
        {
            await KvmPreSetMemoryAttributes(current, vm, range);

            // One entry after the other: who faults meanwhile sees the range half converted, and retries.
            for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1)
            {
                await current.Ask(vm, new StoreMemoryAttributes(gfn, attributes));
            }

            await KvmPostSetMemoryAttributes(current, vm, range);
        }

        await current.Ask(vm, SlotsUnlock.Now);
    }

    /// <summary>Begins the invalidation, in every memslot of the range also where nothing can be private.</summary>
    /// <remarks>Simplified: no mirrored roots, so the SPTEs of both kinds go; the zap does not yield mmu_lock.</remarks>
    [Kernel(Source)]
    private static async Path KvmPreSetMemoryAttributes(KernelTask current, Vm vm, GfnRange range)
    {
        var (foundMemslot, flush) = (false, false);
        foreach (var slot in await current.Ask(vm, new KvmForEachMemslotInGfnRange(range)))
        {
            if (!foundMemslot)
            {
                foundMemslot = true;
                await current.Ask(vm, KvmMmuLock.Exclusive);
                await current.Ask(vm, KvmMmuInvalidateBegin.Now);
            }

            flush |= await KvmMmuUnmapGfnRange(current, vm, slot.Range.Intersect(range));
        }

        if (flush) await KvmFlushRemoteTlbs(current, vm);
        if (foundMemslot) await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Ends the invalidation if there is a memslot: the same ones, since slots_lock is held all the time.</summary>
    [Kernel(Source, "kvm_handle_gfn_range")]
    private static async Path KvmPostSetMemoryAttributes(KernelTask current, Vm vm, GfnRange range)
    {
        if ((await current.Ask(vm, new KvmForEachMemslotInGfnRange(range))).Length == 0) return;
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await current.Ask(vm, KvmMmuInvalidateEnd.Now);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Pages of the user are about to go: takes the SPTEs of the frames away that they back.</summary>
    /// <remarks>
    /// slots_lock must not be taken here: who holds it may wait for the end. Simplified: what mn_invalidate_lock guards is a step
    /// of its own; no gfn_to_pfn caches; the zap does not yield mmu_lock.
    /// </remarks>
    [Kernel(Source)]
    internal static async Path KvmMmuNotifierInvalidateRangeStart(KernelTask current, Vm vm, PageRange pages)
    {
        await current.Ask(vm, MnActiveInvalidateInc.Now);
        await current.Ask(vm, SrcuReadLock.Now);
        var (foundMemslot, flush) = (false, false);
        foreach (var slot in await current.Ask(vm, new KvmForEachMemslotInHvaRange(pages)))
        {
            if (!foundMemslot)
            {
                foundMemslot = true;
                await current.Ask(vm, KvmMmuLock.Exclusive);
                await current.Ask(vm, KvmMmuInvalidateBegin.Now);
            }

            flush |= await KvmMmuUnmapGfnRange(current, vm, slot.FramesAt(pages));
        }

        if (flush) await KvmFlushRemoteTlbs(current, vm);
        if (foundMemslot) await current.Ask(vm, KvmMmuUnlock.Now);
        await current.Ask(vm, SrcuReadUnlock.Now);
    }

    /// <summary>The pages are gone: the same memslots are found, since a swap waits for this.</summary>
    [Kernel(Source)]
    internal static async Path KvmMmuNotifierInvalidateRangeEnd(KernelTask current, Vm vm, PageRange pages)
    {
        await current.Ask(vm, SrcuReadLock.Now);
        if ((await current.Ask(vm, new KvmForEachMemslotInHvaRange(pages))).Length > 0)
        {
            await current.Ask(vm, KvmMmuLock.Exclusive);
            await current.Ask(vm, KvmMmuInvalidateEnd.Now);
            await current.Ask(vm, KvmMmuUnlock.Now);
        }

        await current.Ask(vm, SrcuReadUnlock.Now);
        await current.Ask(vm, MnActiveInvalidateDec.Now);
    }

    /// <summary>Creates or deletes a memslot; slots_lock is held.</summary>
    [Kernel(Source, "__kvm_set_memory_region")]
    private static async Path<Errno> KvmSetMemoryRegion(KernelTask current, Vm vm, FilesStruct files, UserMemoryRegion mem)
    {
        if (!CheckMemoryRegion(vm, mem)) return Errno.EINVAL;
        var old = await current.Ask(vm, new IdToMemslot((ushort)mem.Slot));
        if (mem.MemorySize == 0)
        {
            return old is null ? Errno.EINVAL : await KvmSetMemslot(current, vm, old, null);
        }

        var range = new GfnRange(
            new(mem.GuestPhysAddr >> Pages.Shift), new((mem.GuestPhysAddr + mem.MemorySize) >> Pages.Shift));
        if (old is not null)
        {
            // A gmem slot can be deleted, and nothing else.
            if (((mem.Flags | old.Flags) & KvmMem.GuestMemfd) != 0) return Errno.EINVAL;
            if (old.PageCount != range.End.Value - range.Start.Value) return Errno.EINVAL;
            if (old.Flags == mem.Flags && old.Range == range) return Errno.None;

            // Simplified: slots without gmem are neither moved nor do they change their flags.
            throw new NotSupportedException("a memslot is moved, or its flags change: not modelled");
        }

        if (await current.Ask(vm, new KvmCheckMemslotOverlap((ushort)mem.Slot, range))) return Errno.EEXIST;
        var pgoff = new Pgoff(mem.GuestMemfdOffset >> Pages.Shift);
        var slot = await current.Ask(vm, new AllocMemslot((ushort)mem.Slot, range, mem.Flags, pgoff, mem.UserspaceAddr));
        var errno = slot.CanBePrivate
            ? await GuestMemfd.KvmGmemBind(current, vm, files, slot, mem.GuestMemfd, mem.GuestMemfdOffset)
            : Errno.None;
        if (errno == Errno.None)
        {
            errno = await KvmSetMemslot(current, vm, null, slot);
            if (errno != Errno.None && slot.CanBePrivate) await GuestMemfd.KvmGmemUnbind(current, vm, slot);
        }

        if (errno != Errno.None) await current.Ask(vm, new KvmFreeMemslot(slot));
        return errno;
    }

    /// <summary>The tests of the arguments alone, all of which end in EINVAL; deletes have to pass them too.</summary>
    private static bool CheckMemoryRegion(Vm vm, UserMemoryRegion mem)
    {
        var valid = KvmMem.LogDirtyPages | KvmMem.Readonly;
        if (vm.HasPrivateMemory || vm.Machine.Kernel.EveryVmTakesGmem) valid |= KvmMem.GuestMemfd;
        var isGmem = (mem.Flags & KvmMem.GuestMemfd) != 0;
        if (isGmem) valid &= ~(KvmMem.LogDirtyPages | KvmMem.Readonly);
        return (mem.Flags & ~valid) == 0
            && Pages.IsAligned(mem.MemorySize)
            && Pages.IsAligned(mem.GuestPhysAddr)
            && Pages.IsAligned(mem.UserspaceAddr)
            && !(isGmem && !Pages.IsAligned(mem.GuestMemfdOffset))
            && !(isGmem && mem.GuestMemfdOffset + mem.MemorySize < mem.GuestMemfdOffset)

            // Simplified: one address space.
            && mem.Slot >> 16 == 0
            && mem.GuestPhysAddr + mem.MemorySize >= mem.GuestPhysAddr
            && mem.MemorySize >> Pages.Shift <= MaxPages;
    }

    /// <summary>
    /// Makes a memslot known, or takes it away: <paramref name="old"/> or <paramref name="slot"/> is none.
    /// </summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmSetMemslot(KernelTask current, Vm vm, Memslot? old, Memslot? slot)
    {
        await current.Ask(vm, SlotsArchLock.Now);
        if (old is not null)
        {
            var invalidSlot = await KvmInvalidateMemslot(current, vm, old);
            await current.Ask(vm, new KvmReplaceMemslot(old, null));
            await KvmActivateMemslot(current, vm, invalidSlot, null);
            await current.Ask(vm, new KvmFreeMemslot(invalidSlot));
            await KvmFreeMemslot(current, vm, old);
            return Errno.None;
        }

        // Simplified: of what the architecture prepares, only the limit of guest frames can fail.
        if (!vm.Frames.Contains(slot!.Range.Start) || slot.Range.End.Value > vm.Frames.End.Value)
        {
            await current.Ask(vm, SlotsArchUnlock.Now);
            return Errno.EINVAL;
        }

        await current.Ask(vm, new KvmReplaceMemslot(null, slot));
        await KvmActivateMemslot(current, vm, null, slot);
        return Errno.None;
    }

    /// <summary>
    /// Puts an INVALID copy in the place of a slot, so that faults retry, and takes the slot's SPTEs away.
    /// </summary>
    [Kernel(Source)]
    private static async Path<Memslot> KvmInvalidateMemslot(KernelTask current, Vm vm, Memslot old)
    {
        var flags = old.Flags | KvmMem.Invalid;
        var invalidSlot = await current.Ask(vm, new AllocMemslot(old.Id, old.Range, flags, old.Pgoff, old.UserspaceAddr));
        await current.Ask(vm, new KvmReplaceMemslot(old, invalidSlot));
        await KvmSwapActiveMemslots(current, vm);
        await Mmu.KvmArchFlushShadowMemslot(current, vm, old);
        await current.Ask(vm, SlotsArchLock.Now);
        return invalidSlot;
    }

    /// <summary>Makes a change of the inactive set active, then makes the same change in the other.</summary>
    [Kernel(Source)]
    private static async Path KvmActivateMemslot(KernelTask current, Vm vm, Memslot? old, Memslot? slot)
    {
        await KvmSwapActiveMemslots(current, vm);
        await current.Ask(vm, new KvmReplaceMemslot(old, slot));
    }

    /// <summary>Makes the inactive set the active one, and waits for everybody who may still see the other.</summary>
    /// <remarks>Simplified: generations are not counted.</remarks>
    [Kernel(Source)]
    private static async Path KvmSwapActiveMemslots(KernelTask current, Vm vm)
    {
        await current.Ask(vm, Actors.KvmSwapActiveMemslots.Now);
        await current.Ask(vm, SlotsArchUnlock.Now);
        await current.Ask(vm, SynchronizeSrcu.Now);
    }

    [Kernel(Source)]
    private static async Path KvmFreeMemslot(KernelTask current, Vm vm, Memslot slot)
    {
        if (slot.CanBePrivate) await GuestMemfd.KvmGmemUnbind(current, vm, slot);
        await current.Ask(vm, new KvmFreeMemslot(slot));
    }
}
