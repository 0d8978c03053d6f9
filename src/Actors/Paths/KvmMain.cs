using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>virt/kvm/kvm_main.c: memslots and invalidation.</summary>
public static partial class KvmMain
{
    private const string Source = "virt/kvm/kvm_main.c";

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
        return await KvmVmSetMemAttributes(current, vm, range, attrs.Attributes);
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
        if (await current.Ask(vm, ReadVmDead.Now)) return Errno.EIO;
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
        // Simplified: that the VM is dead the vCPU finds when it looks at its requests, not here.
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
    internal static async Path<bool> KvmMmuUnmapGfnRange(KernelTask current, Vm vm, GfnRange range, bool mayBlock = true)
    {
        await current.Ask(vm, new KvmMmuInvalidateRangeAdd(range));
        return await TdpMmu.KvmTdpMmuUnmapGfnRange(current, vm, range, mayBlock);
    }

    /// <summary>Stores the attributes of a range while its faults retry.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmVmSetMemAttributes(
        KernelTask current, Vm vm, GfnRange range, KvmMemoryAttributes attributes)
    {
        await current.Ask(vm, SlotsLock.Now);
        var has = await current.Ask(vm, new KvmRangeHasMemoryAttributes(range, attributes));

        // Before anything changes there is an entry for each frame.
        var errno = !has && vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "xa_reserve") ? Errno.ENOMEM : Errno.None;
        if (!has && errno == Errno.None)
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
        return errno;
    }

    /// <summary>Begins the invalidation, in every memslot of the range also where nothing can be private.</summary>
    /// <remarks>Simplified: no mirrored roots, so the SPTEs of both kinds go.</remarks>
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

            flush |= await Mmu.KvmArchPreSetMemoryAttributes(current, vm, slot, slot.Range.Intersect(range));
        }

        if (flush) await KvmFlushRemoteTlbs(current, vm);
        if (foundMemslot) await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Ends the invalidation if there is a memslot: the same ones, since slots_lock is held all the time.</summary>
    [Kernel(Source, "kvm_handle_gfn_range")]
    private static async Path KvmPostSetMemoryAttributes(KernelTask current, Vm vm, GfnRange range)
    {
        var slots = await current.Ask(vm, new KvmForEachMemslotInGfnRange(range));
        if (slots.Length == 0) return;
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await current.Ask(vm, KvmMmuInvalidateEnd.Now);
        foreach (var slot in slots) await Mmu.KvmArchPostSetMemoryAttributes(current, vm, slot, slot.Range.Intersect(range));
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Pages of the user are about to go: takes the SPTEs of the frames away that they back.</summary>
    /// <remarks>
    /// slots_lock must not be taken here: who holds it may wait for the end. Simplified: what mn_invalidate_lock guards is a step
    /// of its own; no gfn_to_pfn caches; callers may block.
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
}
