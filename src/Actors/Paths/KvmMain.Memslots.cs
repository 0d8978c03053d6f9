using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

// Memslots are created, deleted, moved, and change their flags.
public static partial class KvmMain
{
    private const uint UserMemSlots = 32764;
    private const ulong MaxPages = (1ul << 31) - 1;

    // TASK_SIZE_MAX of four levels of page tables: what lies above is not the user's, or tagged.
    private const ulong UserAddressLimit = (1ul << 47) - Pages.Size;

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

    /// <summary>Creates, deletes or changes a memslot; slots_lock is held.</summary>
    /// <remarks>Simplified: the number of all pages neither overflows nor is wrong.</remarks>
    [Kernel(Source, "__kvm_set_memory_region")]
    private static async Path<Errno> KvmSetMemoryRegion(KernelTask current, Vm vm, FilesStruct files, UserMemoryRegion mem)
    {
        if (!CheckMemoryRegionFlags(current, vm, mem.Flags) || !CheckMemoryRegion(vm, mem)) return Errno.EINVAL;
        var (asId, id) = ((int)(mem.Slot >> 16), (int)(ushort)mem.Slot);
        var old = await current.Ask(vm, new IdToMemslot(id, asId));
        if (mem.MemorySize == 0)
        {
            return old is null ? Errno.EINVAL : await KvmSetMemslot(current, vm, old, null, MemslotChange.Delete);
        }

        var range = new GfnRange(
            new(mem.GuestPhysAddr >> Pages.Shift), new((mem.GuestPhysAddr + mem.MemorySize) >> Pages.Shift));
        var change = MemslotChange.Create;
        if (old is not null)
        {
            if (!MayChange(vm, old, mem)) return Errno.EINVAL;
            if (old.Range == range && old.Flags == mem.Flags) return Errno.None;
            change = old.Range == range ? MemslotChange.FlagsOnly : MemslotChange.Move;
        }

        if (change != MemslotChange.FlagsOnly && await current.Ask(vm, new KvmCheckMemslotOverlap(id, range, asId))) return Errno.EEXIST;
        if (vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "kzalloc(struct kvm_memory_slot)")) return Errno.ENOMEM;
        var pgoff = new Pgoff(mem.GuestMemfdOffset >> Pages.Shift);
        var slot = await current.Ask(vm, new AllocMemslot(id, range, mem.Flags, pgoff, mem.UserspaceAddr, asId));
        var isGmem = (mem.Flags & KvmMem.GuestMemfd) != 0;
        var errno = isGmem
            ? await GuestMemfd.KvmGmemBind(current, vm, files, slot, mem.GuestMemfd, mem.GuestMemfdOffset)
            : Errno.None;
        if (errno == Errno.None)
        {
            errno = await KvmSetMemslot(current, vm, old, slot, change);
            if (errno != Errno.None && isGmem) await GuestMemfd.KvmGmemUnbind(current, vm, slot);
        }

        if (errno != Errno.None) await current.Ask(vm, new KvmFreeMemslot(slot));
        return errno;
    }

    /// <summary>Which flags a memslot may have: all else is EINVAL.</summary>
    [Kernel(Source)]
    private static bool CheckMemoryRegionFlags(KernelTask current, Vm vm, KvmMem flags)
    {
        var valid = KvmMem.LogDirtyPages | KvmMem.Readonly;
        if (vm.HasPrivateMemory || vm.Machine.Kernel.EveryVmTakesGmem) valid |= KvmMem.GuestMemfd;
        if ((flags & KvmMem.GuestMemfd) != 0) valid &= ~(KvmMem.LogDirtyPages | KvmMem.Readonly);
        return (flags & ~valid) == 0;
    }

    // The other tests of the arguments alone, all of which end in EINVAL; deletes have to pass them too.
    private static bool CheckMemoryRegion(Vm vm, UserMemoryRegion mem)
    {
        var isGmem = (mem.Flags & KvmMem.GuestMemfd) != 0;
        return Pages.IsAligned(mem.MemorySize)
            && Pages.IsAligned(mem.GuestPhysAddr)
            && Pages.IsAligned(mem.UserspaceAddr)
            && mem.UserspaceAddr <= UserAddressLimit
            && mem.MemorySize <= UserAddressLimit - mem.UserspaceAddr
            && !(isGmem && !Pages.IsAligned(mem.GuestMemfdOffset))
            && !(isGmem && mem.GuestMemfdOffset + mem.MemorySize < mem.GuestMemfdOffset)
            && mem.Slot >> 16 < vm.AddressSpaces
            && mem.GuestPhysAddr + mem.MemorySize >= mem.GuestPhysAddr
            && mem.MemorySize >> Pages.Shift <= MaxPages;
    }

    // A gmem slot can be deleted, and nothing else; no slot changes its size, its address or what READONLY says.
    private static bool MayChange(Vm vm, Memslot old, UserMemoryRegion mem)
    {
        var fixedFlags = KvmMem.Readonly;
        if (!vm.Machine.Kernel.Has(GuestMemfdBugs.ToggleGuestMemfd)) fixedFlags |= KvmMem.GuestMemfd;
        return (mem.Flags & KvmMem.GuestMemfd) == 0
            && old.UserspaceAddr == mem.UserspaceAddr
            && old.PageCount == mem.MemorySize >> Pages.Shift
            && ((old.Flags ^ mem.Flags) & fixedFlags) == 0;
    }

    /// <summary>Makes a change known: of <paramref name="old"/> and <paramref name="slot"/> one may be none.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmSetMemslot(KernelTask current, Vm vm, Memslot? old, Memslot? slot, MemslotChange change)
    {
        await current.Ask(vm, SlotsArchLock.Now);
        Memslot? invalidSlot = null;
        if (change is MemslotChange.Delete or MemslotChange.Move)
        {
            if (vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "kzalloc(invalid slot)"))
            {
                await current.Ask(vm, SlotsArchUnlock.Now);
                return Errno.ENOMEM;
            }

            invalidSlot = await KvmInvalidateMemslot(current, vm, old!);
        }

        var errno = KvmPrepareMemoryRegion(current, vm, old, slot, change);
        if (errno != Errno.None)
        {
            // The slot that was is there still: it only has to be made active again.
            if (invalidSlot is null) await current.Ask(vm, SlotsArchUnlock.Now);
            else await KvmActivateMemslot(current, vm, invalidSlot, old);
        }
        else
        {
            await current.Ask(vm, new KvmReplaceMemslot(old, slot));
            await KvmActivateMemslot(current, vm, invalidSlot ?? old, slot);
        }

        if (invalidSlot is not null) await current.Ask(vm, new KvmFreeMemslot(invalidSlot));
        if (errno == Errno.None) await KvmCommitMemoryRegion(current, vm, old, change);
        return errno;
    }

    /// <summary>What may fail of a change before it is made.</summary>
    /// <remarks>Simplified: of a dirty bitmap there is only its allocation.</remarks>
    [Kernel(Source)]
    private static Errno KvmPrepareMemoryRegion(KernelTask current, Vm vm, Memslot? old, Memslot? slot, MemslotChange change)
    {
        if (slot is null) return Errno.None;
        var getsBitmap = (slot.Flags & KvmMem.LogDirtyPages) != 0 && (old is null || (old.Flags & KvmMem.LogDirtyPages) == 0);
        if (getsBitmap && vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "kvm_alloc_dirty_bitmap")) return Errno.ENOMEM;
        return X86.KvmArchPrepareMemoryRegion(current, vm, slot, change);
    }

    /// <summary>Puts an INVALID copy in the place of a slot, so that faults retry, and takes the slot's SPTEs away.</summary>
    /// <remarks>
    /// The copy has no gmem file. slots_arch_lock is given back with the swap and taken again. Simplified: no arch data to be copied back, no
    /// caches of encrypted guests to be written back.
    /// </remarks>
    [Kernel(Source)]
    private static async Path<Memslot> KvmInvalidateMemslot(KernelTask current, Vm vm, Memslot old)
    {
        var flags = old.Flags | KvmMem.Invalid;
        var invalidSlot = await current.Ask(vm, new AllocMemslot(old.Id, old.Range, flags, old.Pgoff, old.UserspaceAddr, old.AsId));
        await current.Ask(vm, new KvmReplaceMemslot(old, invalidSlot));
        await KvmSwapActiveMemslots(current, vm, old.AsId);
        await Mmu.KvmArchFlushShadowMemslot(current, vm, old);
        await current.Ask(vm, SlotsArchLock.Now);
        return invalidSlot;
    }

    /// <summary>Makes a change of the inactive set active, then makes the same change in the other.</summary>
    [Kernel(Source)]
    private static async Path KvmActivateMemslot(KernelTask current, Vm vm, Memslot? old, Memslot? slot)
    {
        await KvmSwapActiveMemslots(current, vm, (old ?? slot)!.AsId);
        await current.Ask(vm, new KvmReplaceMemslot(old, slot));
    }

    /// <summary>Makes the inactive set the active one, and waits for everybody who may still see the other.</summary>
    /// <remarks>Simplified: generations are not counted.</remarks>
    [Kernel(Source)]
    private static async Path KvmSwapActiveMemslots(KernelTask current, Vm vm, int asId)
    {
        await current.Ask(vm, asId == 0 ? Actors.KvmSwapActiveMemslots.Now : new(asId));
        await current.Ask(vm, SlotsArchUnlock.Now);
        await current.Ask(vm, SynchronizeSrcu.Now);
    }

    /// <summary>The change is made: frees what it replaced.</summary>
    /// <remarks>Simplified: nothing is write-protected, or made huge again, because dirty logging begins or ends; no accounting.</remarks>
    [Kernel(Source)]
    private static async Path KvmCommitMemoryRegion(KernelTask current, Vm vm, Memslot? old, MemslotChange change)
    {
        if (change == MemslotChange.Create) return;
        if (change == MemslotChange.Delete)
        {
            await KvmFreeMemslot(current, vm, old!);
            return;
        }

        // Since 7.0; before that nothing was done about it here, but no gmem slot comes here either.
        if (old!.CanBePrivate && !vm.Machine.Kernel.Has(GuestMemfdBugs.ToggleGuestMemfd))
        {
            current.Warn("kvm_commit_memory_region: a memslot with gmem is replaced");
            await GuestMemfd.KvmGmemUnbind(current, vm, old);
        }

        await current.Ask(vm, new KvmFreeMemslot(old));
    }

    [Kernel(Source)]
    private static async Path KvmFreeMemslot(KernelTask current, Vm vm, Memslot slot)
    {
        if (slot.CanBePrivate) await GuestMemfd.KvmGmemUnbind(current, vm, slot);
        await current.Ask(vm, new KvmFreeMemslot(slot));
    }
}
