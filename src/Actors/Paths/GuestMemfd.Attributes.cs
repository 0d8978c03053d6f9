using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// Pages are converted in place: what they are their inode says, and a file converts them. An RFC of 2026, in no release.
public static partial class GuestMemfd
{
    /// <summary>An ioctl on a gmem file: there is but one, KVM_SET_MEMORY_ATTRIBUTES2.</summary>
    [Kernel(Source)]
    public static async Path<Errno> KvmGmemIoctl(KernelTask current, GmemFile file, KvmMemoryAttributes2? attrs)
    {
        if (!file.Inode.Machine.Kernel.AttributesInInode) return Errno.ENOTTY;
        return attrs is null ? Errno.EFAULT : await KvmGmemSetAttributes(current, file, attrs);
    }

    /// <summary>What a frame is. That may be out of date at once: who uses it looks at mmu_invalidate_seq. kvm->srcu is held.</summary>
    [Kernel(Source)]
    internal static async Path<KvmMemoryAttributes> KvmGmemGetMemoryAttributes(KernelTask current, Vm vm, Gfn gfn)
    {
        // Private memory is a gmem file's, or there is none.
        if (await current.Ask(vm, new GfnToMemslot(gfn)) is not { CanBePrivate: true } slot) return KvmMemoryAttributes.None;
        var file = await File.GetFileActive(current, vm, slot);
        if (file is null) return KvmMemoryAttributes.None;
        await current.Ask(file.Inode, FilemapInvalidateLock.Shared);
        var attributes = await current.Ask(file.Inode, new MtreeLoad(slot.IndexOf(gfn)));
        await current.Ask(file.Inode, FilemapInvalidateUnlock.Now);
        await FileTable.Fput(current, file);
        return attributes;
    }

    /// <summary>Whether a page is private, as its inode says, whose invalidate lock is held, or the attribute of its frame.</summary>
    [Kernel(Source)]
    private static async Path<bool> KvmGmemIsPrivateMem(KernelTask current, Vm vm, GmemInode inode, Pgoff index, Gfn gfn) =>
        vm.Machine.Kernel.AttributesInInode
            ? (await current.Ask(inode, new MtreeLoad(index)) & KvmMemoryAttributes.Private) != 0
            : await current.Ask(vm, new KvmMemIsPrivate(gfn));

    /// <summary>Converts a range of a file.</summary>
    // Simplified: what an architecture has to do to a page that becomes shared, as to take it back in the RMP, is not there.
    [Kernel(Source)]
    private static async Path<Errno> KvmGmemSetAttributes(KernelTask current, GmemFile file, KvmMemoryAttributes2 attrs)
    {
        var inode = file.Inode;
        var supported = file.Vm.HasPrivateMemory ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None;
        if (attrs.Flags != 0 || attrs.ErrorOffset != 0 || attrs.Reserved != 0) return Errno.EINVAL;
        if ((attrs.Attributes & ~supported) != 0) return Errno.EINVAL;
        var end = attrs.Offset + attrs.Size;
        if (attrs.Size == 0 || end < attrs.Offset) return Errno.EINVAL;
        if (!Pages.IsAligned(attrs.Offset) || !Pages.IsAligned(attrs.Size)) return Errno.EINVAL;
        var range = new PageRange(new(attrs.Offset >> Pages.Shift), new(end >> Pages.Shift));
        if (range.End.Value > await current.Ask(inode, ISizeRead.Now)) return Errno.EINVAL;
        await current.Ask(inode, FilemapInvalidateLock.Exclusive);
        var errno = await SetAttributes(current, inode, range, attrs);
        await current.Ask(inode, FilemapInvalidateUnlock.Now);
        return errno;
    }

    /// <summary>The same with the file's pages and bindings held still.</summary>
    [Kernel(Source, "__kvm_gmem_set_attributes")]
    private static async Path<Errno> SetAttributes(KernelTask current, GmemInode inode, PageRange range, KvmMemoryAttributes2 attrs)
    {
        if (await current.Ask(inode, new KvmGmemRangeHasAttributes(range, attrs.Attributes))) return Errno.None;
        if (inode.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "mas_preallocate"))
        {
            attrs.ErrorOffset = attrs.Offset;
            return Errno.ENOMEM;
        }

        if ((attrs.Attributes & KvmMemoryAttributes.Private) != 0)
        {
            await Memory.UnmapMappingPages(current, inode, range);
            if (await FindReferenced(current, inode, range) is { } index)
            {
                current.Mark(Events.ConversionBusy);
                attrs.ErrorOffset = index.Value << Pages.Shift;
                return Errno.EAGAIN;
            }
        }

        var files = await current.Ask(inode, GmemFileList.Now);
        foreach (var gmem in files) await KvmGmemInvalidateBegin(current, gmem, range);
        await current.Ask(inode, new MasStorePrealloc(range, attrs.Attributes));
        foreach (var gmem in files) await KvmGmemInvalidateEnd(current, gmem, range);
        return Errno.None;
    }

    /// <summary>The first page of a range that somebody refers to beside the page cache: the host may use it still.</summary>
    /// <remarks>Simplified: a batch is one folio.</remarks>
    [Kernel(Source, "kvm_gmem_is_safe_for_conversion")]
    private static async Path<Pgoff?> FindReferenced(KernelTask current, GmemInode inode, PageRange range)
    {
        if (inode.Machine.Kernel.Has(GuestMemfdBugs.ConvertsReferenced)) return null;
        for (var rest = range; await current.Ask(inode, new FindGetEntry(rest)) is { } folio; rest = rest with { Start = folio.Index + 1 })
        {
            // The page cache's, and that of this lookup.
            var isSafe = await current.Ask(inode, new FolioRefCount(folio.Pfn)) == 2;
            await Swap.FolioPut(current, inode, folio.Pfn);
            if (!isSafe) return folio.Index;
        }

        return null;
    }

    /// <summary>What an invalidation of an inode takes away: all of its pages are of one kind, unless they can be converted.</summary>
    [Kernel(Source)]
    private static KvmGfnRangeFilter KvmGmemGetInvalidateFilter(GmemInode inode)
    {
        if (inode.Machine.Kernel.AttributesInInode) return KvmGfnRangeFilter.All;
        return (inode.Flags & GuestMemfdKind.InitShared) != 0 ? KvmGfnRangeFilter.Shared : KvmGfnRangeFilter.Private;
    }
}
