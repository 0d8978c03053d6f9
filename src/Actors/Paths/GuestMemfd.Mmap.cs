using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// What user space may do with a file of guest memory but to allocate and to free.
public static partial class GuestMemfd
{
    /// <summary>mmap() of a file: only if it was made for that, and only shared.</summary>
    /// <remarks>Kernels without the flag have no handler, which is ENODEV too.</remarks>
    [Kernel(Source)]
    internal static Errno KvmGmemMmap(KernelTask current, GmemFile file, bool isShared)
    {
        if ((file.Inode.Flags & GuestMemfdKind.Mmap) == 0) return Errno.ENODEV;
        return isShared ? Errno.None : Errno.EINVAL;
    }

    /// <summary>The user touches a page of a mapping that is not mapped now: replies it locked, cleared if it is new.</summary>
    /// <remarks>
    /// In released kernels nothing here keeps a hole from being punched but the folio's lock: a truncation either finds the page mapped
    /// and takes it away again, or was first.
    /// </remarks>
    [Kernel(Source)]
    internal static async Path<FileFault> KvmGmemFaultUserMapping(KernelTask current, GmemInode inode, Pgoff index)
    {
        if (index.Value >= await current.Ask(inode, ISizeRead.Now)) return VmFault.Sigbus;
        if (!inode.Machine.Kernel.AttributesInInode)
        {
            return (inode.Flags & GuestMemfdKind.InitShared) == 0 ? VmFault.Sigbus : await GetUserPage(current, inode, index);
        }

        // The lock is given back before the page is mapped: a conversion meanwhile finds the reference.
        await current.Ask(inode, FilemapInvalidateLock.Shared);
        var isPrivate = (await current.Ask(inode, new MtreeLoad(index)) & KvmMemoryAttributes.Private) != 0;
        var fault = isPrivate ? VmFault.Sigbus : await GetUserPage(current, inode, index);
        await current.Ask(inode, FilemapInvalidateUnlock.Now);
        return fault;
    }

    /// <summary>The page that a user may have.</summary>
    [Kernel(Source, "kvm_gmem_fault_user_mapping")]
    private static async Path<FileFault> GetUserPage(KernelTask current, GmemInode inode, Pgoff index)
    {
        var folio = await KvmGmemGetFolio(current, inode, index);
        if (folio.IsErr)
        {
            return folio.Errno switch { Errno.EAGAIN => VmFault.Retry, Errno.ENOMEM => VmFault.Oom, _ => VmFault.Sigbus };
        }

        if (!(await current.Ask(inode, new ReadFolio(folio.Value))).IsUptodate)
        {
            await current.Ask(inode.Machine.Memory, new ClearPage(folio.Value));
            await current.Ask(inode, new FolioMarkUptodate(folio.Value));
        }

        return new FileFault(VmFault.Locked, folio.Value);
    }

    /// <summary>truncate(), chmod(), chown(), utimes(): nothing of a file can be changed.</summary>
    [Kernel(Source)]
    public static Errno KvmGmemSetattr(KernelTask current, GmemFile file) => Errno.EINVAL;
}
