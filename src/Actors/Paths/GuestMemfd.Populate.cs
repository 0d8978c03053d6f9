using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>Where the first content of a guest's page comes from: <c>src</c> of a populate callback.</summary>
/// <param name="Address">The user's address of the page, where the callback reads it itself; none: there is no source.</param>
/// <param name="Page">The user's page, where populate has pinned it; none: there is no source.</param>
public readonly record struct PopulateSource(ulong? Address, Pfn? Page)
{
    /// <summary>Whether there is a source.</summary>
    public bool IsSome => Address is not null || Page is not null;
}

/// <summary>What the architecture does with a page that a guest is to begin with: <c>kvm_gmem_populate_cb</c>.</summary>
public delegate Path<Errno> KvmGmemPopulateCb(KernelTask current, Vm vm, Gfn gfn, Pfn pfn, PopulateSource source);

public static partial class GuestMemfd
{
    /// <summary>Fills pages that a guest is to begin with; slots_lock is held. Returns how many were filled, if any was.</summary>
    [Kernel(Source)]
    public static async Path<Result<long>> KvmGmemPopulate(
        KernelTask current, Vm vm, Gfn startGfn, ulong? src, long npages, KvmGmemPopulateCb callback)
    {
        var byPage = vm.Machine.Kernel.PopulatesPageByPage;
        if (byPage && current.WarnOn(npages <= 0 || !Pages.IsAligned(src ?? 0), "kvm_gmem_populate: bad arguments")) return Errno.EINVAL;
        if (npages < 0) return Errno.EINVAL;
        var slot = await current.Ask(vm, new GfnToMemslot(startGfn));
        if (slot is not { CanBePrivate: true }) return Errno.EINVAL;
        var file = await File.GetFileActive(current, vm, slot);
        if (file is null) return Errno.EFAULT;
        npages = Math.Min(npages, (long)(slot.Range.End.Value - startGfn.Value));

        var (done, errno) = (0L, Errno.None);
        if (!byPage) await current.Ask(file.Inode, FilemapInvalidateLock.Exclusive);
        for (; done < npages && errno == Errno.None; done++)
        {
            var gfn = startGfn + (ulong)done;
            var address = src + ((ulong)done << Pages.Shift);
            if (KvmMain.SignalPending(current, vm)) errno = Errno.EINTR;
            else if (byPage) errno = await PopulateFromPage(current, vm, file, slot, gfn, address, callback);
            else errno = await KvmGmemPopulateOne(current, vm, file, slot, gfn, new(address, null), callback);
            if (errno != Errno.None) break;
        }

        if (!byPage) await current.Ask(file.Inode, FilemapInvalidateUnlock.Now);
        await FileTable.Fput(current, file);
        return done > 0 || errno == Errno.None ? done : errno;
    }

    /// <summary>Fills one page, from a page of the user that is pinned before anything of gmem is locked.</summary>
    /// <remarks>Simplified: a page that may be written back is not told from one that is only read.</remarks>
    [Kernel(Source, "kvm_gmem_populate")]
    private static async Path<Errno> PopulateFromPage(
        KernelTask current, Vm vm, GmemFile file, Memslot slot, Gfn gfn, ulong? address, KvmGmemPopulateCb callback)
    {
        var kernel = vm.Machine.Kernel;
        var pins = !kernel.Has(SnpBugs.PopulateLeaksMapping) && !kernel.Has(GuestMemfdBugs.PopulateCopiesUnderLock);
        var page = pins && address is { } at ? await Gup.GetUserPagesFast(current, vm.Mm, at >> Pages.Shift) : null;
        if (pins && address is not null && page is null) return Errno.EFAULT;
        await current.Ask(file.Inode, FilemapInvalidateLock.Exclusive);
        var errno = await KvmGmemPopulateOne(current, vm, file, slot, gfn, new(pins ? null : address, page?.Pfn), callback);
        await current.Ask(file.Inode, FilemapInvalidateUnlock.Now);
        if (page is { } pinned) await Swap.PutPage(current, vm.Mm!, pinned);
        return errno;
    }

    /// <summary>Fills one page, with the file's pages held still.</summary>
    /// <remarks>Simplified: a page at a time, so no smaller orders are tried where a range is not private as a whole.</remarks>
    [Kernel(Source, "__kvm_gmem_populate")]
    private static async Path<Errno> KvmGmemPopulateOne(
        KernelTask current, Vm vm, GmemFile file, Memslot slot, Gfn gfn, PopulateSource source, KvmGmemPopulateCb callback)
    {
        var (inode, kernel) = (file.Inode, vm.Machine.Kernel);
        var folio = await GetPfnOfFile(current, vm, file, slot, gfn, prepare: false);
        if (folio.IsErr) return folio.Errno;
        var pfn = Filemap.FolioFilePfn(folio.Value, await Filemap.FolioOrder(current, inode, folio.Value), slot.IndexOf(gfn));

        // Where uptodate says that the page is the guest's already; else it is up to the architecture to see that.
        var isPopulated = kernel.Prepares != GmemPrepare.AtEveryFault && (await current.Ask(inode, new ReadFolio(pfn))).IsUptodate;
        await current.Ask(inode, new FolioUnlock(pfn));
        var errno = isPopulated ? Errno.EEXIST : Errno.None;
        if (errno == Errno.None && !kernel.Has(SnpBugs.PopulatesShared) && !await KvmGmemIsPrivateMem(current, vm, inode, slot.IndexOf(gfn), gfn))
        {
            errno = Errno.EINVAL;
        }

        if (errno == Errno.None) errno = await callback(current, vm, gfn, pfn, source);
        if (errno == Errno.None) await current.Ask(inode, new FolioMarkUptodate(pfn));
        await Swap.FolioPut(current, inode, pfn);
        return errno;
    }
}
