using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>virt/kvm/guest_memfd.c: files of guest memory.</summary>
public static partial class GuestMemfd
{
    private const string Source = "virt/kvm/guest_memfd.c";

    /// <summary>fallocate() on a gmem file.</summary>
    /// <remarks>Simplified: there are no timestamps.</remarks>
    [Kernel(Source)]
    public static async Path<Errno> KvmGmemFallocate(
        KernelTask current, GmemFile file, FallocMode mode, long offset, long len)
    {
        if ((mode & FallocMode.KeepSize) == 0) return Errno.EOPNOTSUPP;
        if ((mode & ~(FallocMode.KeepSize | FallocMode.PunchHole)) != 0) return Errno.EOPNOTSUPP;
        if (!Pages.IsAligned((ulong)offset) || !Pages.IsAligned((ulong)len)) return Errno.EINVAL;
        return (mode & FallocMode.PunchHole) != 0
            ? await KvmGmemPunchHole(current, file, offset, len)
            : await KvmGmemAllocate(current, file.Inode, offset, len);
    }

    /// <summary>
    /// Binds a new memslot to the pages of a file that it gets its private memory from; slots_lock is held.
    /// </summary>
    [Kernel(Source)]
    public static async Path<Errno> KvmGmemBind(
        KernelTask current, Vm vm, FilesStruct files, Memslot slot, int fd, ulong offset)
    {
        var file = await File.Fget(current, files, fd);
        if (file is null) return Errno.EBADF;
        var errno = file is GmemFile gmem ? await BindFile(current, vm, slot, gmem, offset) : Errno.EINVAL;

        // Also on success: a memslot has no reference on its file.
        await FileTable.Fput(current, file);
        return errno;
    }

    /// <summary>Takes back what bind did; slots_lock is held and nobody can find the slot any more.</summary>
    [Kernel(Source)]
    public static async Path KvmGmemUnbind(KernelTask current, Vm vm, Memslot slot)
    {
        var bound = await current.Ask(vm, new ReadGmemFile(slot));

        // Release was here already.
        if (bound is null) return;
        if (vm.Machine.Kernel.UnbindsWithoutReference)
        {
            // Dying or not: its release waits for slots_lock, so that the file, and with it its inode, stay.
            await UnbindFile(current, vm, slot, bound);
            return;
        }

        var file = await File.GetFileActive(current, vm, slot);
        if (file is null)
        {
            // The file is dying: its release waits for slots_lock, and must not find a slot that is freed.
            current.Mark(Events.UnboundDying);
            if (vm.Machine.Kernel.Has(GuestMemfdBugs.UnbindDyingFile)) return;
            await current.Ask(bound, new XaStoreRange(slot.Pages, null));
            await current.Ask(vm, new WriteGmemFile(slot, null));
            return;
        }

        await UnbindFile(current, vm, slot, file);
        await FileTable.Fput(current, file);
    }

    [Kernel(Source, "kvm_gmem_unbind")]
    private static async Path UnbindFile(KernelTask current, Vm vm, Memslot slot, GmemFile file)
    {
        await current.Ask(file.Inode, FilemapInvalidateLock.Exclusive);
        await current.Ask(file, new XaStoreRange(slot.Pages, null));
        await current.Ask(vm, new WriteGmemFile(slot, null));
        if (vm.Machine.Kernel.WaitsForRcu) await current.Ask(vm.Machine.Rcu, SynchronizeRcu.Now);
        await current.Ask(file.Inode, FilemapInvalidateUnlock.Now);
    }

    /// <summary>
    /// The last reference on a file is gone: nothing maps its memory through it any more; the memory stays.
    /// </summary>
    [Kernel(Source)]
    public static async Path KvmGmemRelease(KernelTask current, GmemFile file)
    {
        var (vm, inode) = (file.Vm, file.Inode);
        await current.Ask(vm, SlotsLock.Now);
        await current.Ask(inode, FilemapInvalidateLock.Exclusive);
        foreach (var slot in await current.Ask(file, new XaForEachRange(PageRange.All)))
        {
            await current.Ask(vm, new WriteGmemFile(slot, null));
        }

        if (vm.Machine.Kernel.WaitsForRcu) await current.Ask(vm.Machine.Rcu, SynchronizeRcu.Now);

        // Back to back is enough: no lookup can succeed any more, and the sequence count catches those on their way.
        await KvmGmemInvalidateBegin(current, file, PageRange.All);
        await KvmGmemInvalidateEnd(current, file, PageRange.All);
        if (vm.Machine.Kernel.Has(SnpBugs.ReleaseResets)) await ResetFolios(current, inode, PageRange.All);
        await current.Ask(inode, new ListDel(file));
        await current.Ask(inode, FilemapInvalidateUnlock.Now);
        await current.Ask(vm, SlotsUnlock.Now);

        await current.Ask(file, KfreeGmem.Now);

        // Maybe the last one: then the VM is destroyed here.
        await KvmMain.KvmPutKvm(current, vm);
        if (vm.Machine.Module is { } module) await current.Ask(module, new RunModuleText("kvm_gmem_release"));
    }

    /// <summary>fallocate(PUNCH_HOLE): takes a range away from every guest, then frees it.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmGmemPunchHole(KernelTask current, GmemFile file, long offset, long len)
    {
        var (inode, kernel) = (file.Inode, file.Inode.Machine.Kernel);
        var range = new PageRange(new((ulong)offset >> Pages.Shift), new((ulong)(offset + len) >> Pages.Shift));
        var truncateOutside = kernel.Has(GuestMemfdBugs.TruncateOutside);

        // The bindings must hold still, or begin and end would not pair up in every VM.
        await current.Ask(inode, FilemapInvalidateLock.Exclusive);
        if (kernel.Has(TdxBugs.ZeroThroughWrongKey)) await Truncate.FolioZeroRange(current, inode, range);
        GmemFile[] files = kernel.Has(GuestMemfdBugs.OnlyCallersFile) ? [file] : await current.Ask(inode, GmemFileList.Now);

        // Else a fault beside the hole could map all of a folio that the hole has a part of.
        var taken = kernel.LargeFolios ? range.AlignOut(PageLevels.PagesPer2M) : range;
        foreach (var gmem in files)
        {
            await KvmGmemInvalidateBegin(current, gmem, taken);
            if (truncateOutside) await KvmGmemInvalidateEnd(current, gmem, taken);
        }

        if (kernel.Has(SnpBugs.ResetBeforeTruncate)) await ResetFolios(current, inode, range);
        await Truncate.TruncateInodePagesRange(current, inode, offset, offset + len - 1);
        if (!truncateOutside)
        {
            foreach (var gmem in files) await KvmGmemInvalidateEnd(current, gmem, taken);
        }

        await current.Ask(inode, FilemapInvalidateUnlock.Now);
        return Errno.None;
    }

    /// <summary>fallocate(): every page of a range is there afterwards.</summary>
    /// <remarks>Simplified: no signal is pending.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> KvmGmemAllocate(KernelTask current, GmemInode inode, long offset, long len)
    {
        var end = new Pgoff((ulong)(offset + len) >> Pages.Shift);
        if (end.Value > await current.Ask(inode, ISizeRead.Now)) return Errno.EINVAL;
        var errno = Errno.None;
        await current.Ask(inode, FilemapInvalidateLock.Shared);
        for (var index = new Pgoff((ulong)offset >> Pages.Shift); index.Value < end.Value; index += 1)
        {
            // What was allocated until then stays.
            errno = Errno.EINTR;
            if (inode.Machine.Faults.ShouldFail(current, FaultKind.Signal, "signal_pending")) break;
            var folio = await KvmGmemGetFolio(current, inode, index);
            errno = folio.Errno;
            if (folio.IsErr) break;
            index += (1ul << await Filemap.FolioOrder(current, inode, folio.Value)) - 1;
            await current.Ask(inode, new FolioUnlock(folio.Value));
            await Swap.FolioPut(current, inode, folio.Value);
        }

        await current.Ask(inode, FilemapInvalidateUnlock.Now);
        return errno;
    }

    /// <summary>The memory of a page has failed: takes it from every guest; the page stays in the file, and is refused from now on.</summary>
    [Kernel(Source)]
    internal static async Path KvmGmemErrorFolio(KernelTask current, GmemInode inode, Pgoff index)
    {
        var range = new PageRange(index, index + 1);
        await current.Ask(inode, FilemapInvalidateLock.Shared);
        foreach (var gmem in await current.Ask(inode, GmemFileList.Now))
        {
            await KvmGmemInvalidateBegin(current, gmem, range);
            await KvmGmemInvalidateEnd(current, gmem, range);
        }

        await current.Ask(inode, FilemapInvalidateUnlock.Now);
    }

    /// <summary>Takes a range of a file away from the guest of its VM, whose faults retry until the end.</summary>
    [Kernel(Source)]
    private static async Path KvmGmemInvalidateBegin(KernelTask current, GmemFile gmem, PageRange range)
    {
        var vm = gmem.Vm;
        var slots = await current.Ask(gmem, new XaForEachRange(range));

        // Without a memslot there is nothing to take away, and the end would not find one either.
        var foundMemslot = slots.Length > 0 || vm.Machine.Kernel.Has(GuestMemfdBugs.BeginWithoutEnd);
        if (!foundMemslot) return;
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await current.Ask(vm, KvmMmuInvalidateBegin.Now);
        var flush = false;
        foreach (var slot in slots)
        {
            flush |= await KvmMain.KvmMmuUnmapGfnRange(current, vm, slot.Frames(range), KvmGmemGetInvalidateFilter(gmem.Inode));
            await X86.KvmArchGmemInvalidateRange(current, vm, slot.Frames(range));
        }

        // While mmu_lock is held: whoever takes it next must not meet a guest with a stale translation.
        if (flush) await KvmMain.KvmFlushRemoteTlbs(current, vm);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Lets faults in a range of a file go on.</summary>
    [Kernel(Source)]
    private static async Path KvmGmemInvalidateEnd(KernelTask current, GmemFile gmem, PageRange range)
    {
        if (gmem.Vm.Machine.Kernel.Has(GuestMemfdBugs.BindingsNotFrozen))
        {
            // Whoever waits to bind or unbind gets in here.
            await current.Ask(gmem.Inode, FilemapInvalidateUnlock.Now);
            await current.Ask(gmem.Inode, FilemapInvalidateLock.Exclusive);
        }

        if (!await current.Ask(gmem, new XaFind(range))) return;
        await current.Ask(gmem.Vm, KvmMmuLock.Exclusive);
        await current.Ask(gmem.Vm, KvmMmuInvalidateEnd.Now);
        await current.Ask(gmem.Vm, KvmMmuUnlock.Now);
    }

    [Kernel(Source, "kvm_gmem_bind")]
    private static async Path<Errno> BindFile(KernelTask current, Vm vm, Memslot slot, GmemFile gmem, ulong offset)
    {
        var inode = gmem.Inode;
        if (gmem.Vm != vm) return Errno.EINVAL;
        if (!Pages.IsAligned(offset)) return Errno.EINVAL;
        if ((offset >> Pages.Shift) + slot.PageCount > await current.Ask(inode, ISizeRead.Now)) return Errno.EINVAL;
        await current.Ask(inode, FilemapInvalidateLock.Exclusive);
        var errno = await current.Ask(gmem, new XaFind(slot.Pages))
            ? inode.Machine.Kernel.BindOverlap
            : await StoreBinding(current, vm, slot, gmem);
        await current.Ask(inode, FilemapInvalidateUnlock.Now);
        return errno;
    }

    /// <summary>Nothing of the range is bound: binds it.</summary>
    /// <remarks>Simplified: where there is no memory for it, nothing of the range is stored, not a part of it.</remarks>
    [Kernel(Source, "kvm_gmem_bind")]
    private static async Path<Errno> StoreBinding(KernelTask current, Vm vm, Memslot slot, GmemFile gmem)
    {
        await current.Ask(vm, new WriteGmemFile(slot, gmem));
        if (!vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "xa_store_range"))
        {
            await current.Ask(gmem, new XaStoreRange(slot.Pages, slot));
            return Errno.None;
        }

        // What is not stored is not looked at in most versions: the slot has a file that does not know of it.
        if (vm.Machine.Kernel.Has(GuestMemfdBugs.BindIgnoresNoMemory)) return Errno.None;
        await current.Ask(vm, new WriteGmemFile(slot, null));
        return Errno.ENOMEM;
    }
}
