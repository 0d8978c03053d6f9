using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// Pages for a guest: looked up, cleared, made the guest's where hardware protects them, and given back.
public static partial class GuestMemfd
{
    /// <summary>The frame behind a guest frame, cleared and the guest's, with a reference for the caller.</summary>
    /// <remarks>Nothing keeps a hole from being punched after this: the caller asks for a retry under mmu_lock.</remarks>
    [Kernel(Source)]
    public static async Path<Result<GmemPage>> KvmGmemGetPfn(KernelTask current, Vm vm, Memslot slot, Gfn gfn)
    {
        var file = await File.GetFileActive(current, vm, slot);
        if (file is null) return Errno.EFAULT;
        var locks = vm.Machine.Kernel.FaultsLockInvalidate;
        if (locks) await current.Ask(file.Inode, FilemapInvalidateLock.Shared);
        var page = await GetAndPrepare(current, vm, file, slot, gfn);
        if (locks) await current.Ask(file.Inode, FilemapInvalidateUnlock.Now);
        await FileTable.Fput(current, file);
        return page;
    }

    [Kernel(Source, "kvm_gmem_get_pfn")]
    private static async Path<Result<GmemPage>> GetAndPrepare(
        KernelTask current, Vm vm, GmemFile file, Memslot slot, Gfn gfn)
    {
        var (inode, index) = (file.Inode, slot.IndexOf(gfn));
        var folio = await GetPfnOfFile(current, vm, file, slot, gfn, prepare: true);
        if (folio.IsErr) return folio.Errno;
        var order = await Filemap.FolioOrder(current, inode, folio.Value);
        var errno = await KvmGmemPrepareFolio(current, vm, slot, index, inode, folio.Value, order);
        await current.Ask(inode, new FolioUnlock(folio.Value));
        if (errno == Errno.None) return new GmemPage(Filemap.FolioFilePfn(folio.Value, order, index), inode, LevelOf(order));
        await Swap.FolioPut(current, inode, folio.Value);
        return errno;
    }

    /// <summary>The folio behind a guest frame, locked and referenced, as it is.</summary>
    [Kernel(Source, "__kvm_gmem_get_pfn")]
    private static async Path<Result<Pfn>> GetPfnOfFile(
        KernelTask current, Vm vm, GmemFile file, Memslot slot, Gfn gfn, bool prepare)
    {
        var again = await current.Ask(vm, new ReadGmemFile(slot));
        if (again != file)
        {
            current.WarnOn(again is not null, "kvm_gmem_get_pfn: the memslot has another file");
            return Errno.EFAULT;
        }

        var index = slot.IndexOf(gfn);
        var bound = await current.Ask(file, new XaLoad(index));
        if (bound != slot)
        {
            current.WarnOn(bound is not null, "kvm_gmem_get_pfn: another memslot is bound");
            return Errno.EIO;
        }

        var folio = await KvmGmemGetFolio(current, file.Inode, index, prepare);
        if (folio.IsErr || vm.Machine.MemoryFailures is null) return folio;
        if (!(await current.Ask(file.Inode, new ReadFolio(folio.Value))).IsHwpoison) return folio;
        await current.Ask(file.Inode, new FolioUnlock(folio.Value));
        if (!vm.Machine.Kernel.Has(GuestMemfdBugs.HwpoisonKeepsReference)) await Swap.FolioPut(current, file.Inode, folio.Value);
        return Errno.EHWPOISON;
    }

    /// <summary>The folio at an index, locked and referenced, and ready for a guest where every lookup sees to that.</summary>
    [Kernel(Source)]
    private static async Path<Result<Pfn>> KvmGmemGetFolio(
        KernelTask current, GmemInode inode, Pgoff index, bool prepare = true)
    {
        var kernel = inode.Machine.Kernel;
        if (kernel.LargeFolios && prepare && await KvmGmemGetHugeFolio(current, inode, index) is { } huge) return huge;
        var folio = await Filemap.FilemapGetFolio(current, inode, index);
        if (folio.IsErr) return folio;
        var isForPopulate = !prepare && kernel.Prepares == GmemPrepare.AtLookup;
        if (kernel.ClearsAtLookup && !isForPopulate) await ClearFolio(current, inode, folio.Value);
        if (!prepare || kernel.Prepares != GmemPrepare.AtLookup) return folio;
        var errno = await PrepareInEveryFile(current, inode, index, folio.Value);
        if (errno == Errno.None) return folio;
        await current.Ask(inode, new FolioUnlock(folio.Value));
        await Swap.FolioPut(current, inode, folio.Value);
        return errno;
    }

    /// <summary>All of the 2M of a file that has a page, as one folio, locked and referenced; none if there is a page, or no memory for that.</summary>
    /// <remarks>
    /// Source: RFC v12 of September 2023. Simplified: every file may have them that is large enough, without a flag of its own, but populate allocates none; not one
    /// that user space may map, which its fault handler warns of.
    /// </remarks>
    [Kernel(Source)]
    private static async Path<Pfn?> KvmGmemGetHugeFolio(KernelTask current, GmemInode inode, Pgoff index)
    {
        var range = PageRange.Of(index.Value & ~(PageLevels.PagesPer2M - 1ul), PageLevels.PagesPer2M);
        if ((inode.Flags & GuestMemfdKind.Mmap) != 0 || range.End.Value > inode.PageCount) return null;
        if (await current.Ask(inode, new FilemapRangeHasPage(range))) return null;
        var (memory, faults) = (inode.Machine.Memory, inode.Machine.Faults);
        if (faults.ShouldFail(current, FaultKind.Allocation, "filemap_alloc_folio")) return null;
        if (await current.Ask(memory, new AllocPages(inode, Folio.PmdOrder)) is not { } pfn) return null;
        await current.Ask(inode, new FilemapAllocLargeFolio(pfn, Folio.PmdOrder));
        await current.Ask(inode, new FolioLock(pfn));
        var fails = faults.ShouldFail(current, FaultKind.Allocation, "filemap_add_folio");
        if (!fails && await current.Ask(inode, new FilemapAddFolio(pfn, range.Start))) return pfn;
        await current.Ask(inode, new FolioUnlock(pfn));
        await Swap.FolioPut(current, inode, pfn);
        return null;
    }

    private static PageLevel LevelOf(int order) => order >= Folio.PmdOrder ? PageLevel.Level2M : PageLevel.Level4K;

    /// <summary>Clears a locked folio before a guest gets it for the first time.</summary>
    [Kernel(Source, "kvm_gmem_get_folio")]
    private static async Path ClearFolio(KernelTask current, GmemInode inode, Pfn pfn)
    {
        var folio = await current.Ask(inode, new ReadFolio(pfn));
        if (folio.IsUptodate) return;
        await Highmem.ClearHighpage(current, inode.Machine, pfn, folio.Order);
        await current.Ask(inode, new FolioMarkUptodate(pfn));
    }

    /// <summary>Makes a locked folio ready for a guest: clears it, and makes it the guest's where hardware protects it.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmGmemPrepareFolio(
        KernelTask current, Vm vm, Memslot slot, Pgoff index, GmemInode inode, Pfn pfn, int order)
    {
        var mask = (1ul << order) - 1;
        current.WarnOn((slot.Pgoff.Value & mask) != 0, "kvm_gmem_prepare_folio: the memslot is not aligned as the folio is");
        index = new(index.Value & ~mask);
        var kernel = vm.Machine.Kernel;
        if (kernel.Prepares == GmemPrepare.AtEveryFault)
        {
            if (!kernel.ClearsAtLookup) await ClearFolio(current, inode, pfn);
            var isShared = kernel.PreparesOnlyPrivate && !await KvmGmemIsPrivateMem(current, vm, inode, index, slot.FrameOf(index));
            return isShared ? Errno.None : await PrepareInSlot(current, vm, slot, index, inode, pfn, order);
        }

        // Here uptodate says both: cleared, and the guest's.
        if ((await current.Ask(inode, new ReadFolio(pfn))).IsUptodate) return Errno.None;
        await Highmem.ClearHighpage(current, vm.Machine, pfn);
        var errno = kernel.Prepares == GmemPrepare.Once
            ? await PrepareInSlot(current, vm, slot, index, inode, pfn)
            : Errno.None;
        if (errno == Errno.None) await current.Ask(inode, new FolioMarkUptodate(pfn));
        return errno;
    }

    /// <summary>Makes a locked folio the guest's, at the place that a memslot gives it.</summary>
    [Kernel(Source, "__kvm_gmem_prepare_folio")]
    private static async Path<Errno> PrepareInSlot(
        KernelTask current, Vm vm, Memslot slot, Pgoff index, GmemInode inode, Pfn pfn, int order = 0)
    {
        var kernel = vm.Machine.Kernel;

        // To see whether the page was there before: it is, locked, by whoever asks.
        if (kernel.Has(SnpBugs.ProbeLocksFolio) && vm.Type == VmType.Snp) await current.Ask(inode, new FolioLock(pfn));
        var gfn = kernel.Has(SnpBugs.PrepareWithoutGpa) ? new Gfn(index.Value) : slot.FrameOf(index);
        return await X86.KvmArchGmemPrepare(current, vm, gfn, pfn, order);
    }

    /// <summary>Makes a locked folio the guest's of every file of the inode that has it bound.</summary>
    [Kernel(Source, "kvm_gmem_prepare_folio")]
    private static async Path<Errno> PrepareInEveryFile(KernelTask current, GmemInode inode, Pgoff index, Pfn pfn)
    {
        // A folio that is allocated here must be cleared before it is the guest's.
        if (!(await current.Ask(inode, new ReadFolio(pfn))).IsUptodate) await Highmem.ClearHighpage(current, inode.Machine, pfn);
        foreach (var gmem in await current.Ask(inode, ReadGmemFileList.Now))
        {
            if (await current.Ask(gmem, new XaLoad(index)) is not { } slot) continue;
            var errno = await PrepareInSlot(current, gmem.Vm, slot, index, inode, pfn);
            if (errno != Errno.None) return errno;
        }

        await current.Ask(inode, new FolioMarkUptodate(pfn));
        return Errno.None;
    }

    /// <summary>.free_folio: a folio left the page cache, locked; whoever refers to it still may use it.</summary>
    [Kernel(Source)]
    internal static Path KvmGmemFreeFolio(KernelTask current, Machine machine, Pfn pfn, int order) =>
        machine.Kernel.Has(SnpBugs.ResetBeforeTruncate)
            ? default
            : X86.KvmArchGmemInvalidate(current, machine, pfn, new(pfn.Value + (1u << order)));

    /// <summary>Takes the pages of a range back in the RMP, though they stay in the page cache: where that is a bug.</summary>
    [Kernel(Source, "kvm_gmem_invalidate_begin")]
    private static async Path ResetFolios(KernelTask current, GmemInode inode, PageRange range)
    {
        for (var rest = range; await current.Ask(inode, new FindGetEntry(rest)) is { } folio; rest = rest with { Start = folio.Pages.End })
        {
            var first = Math.Max(rest.Start.Value, folio.Index.Value) - folio.Index.Value;
            var end = Math.Min(rest.End.Value, folio.Pages.End.Value) - folio.Index.Value;
            await X86.KvmArchGmemInvalidate(
                current, inode.Machine, new(folio.Pfn.Value + (uint)first), new(folio.Pfn.Value + (uint)end));
            await Swap.FolioPut(current, inode, folio.Pfn);
        }
    }
}
