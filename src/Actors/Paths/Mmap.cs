using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>What mmap() and mprotect() are asked for: <c>PROT_…</c>. Source: include/uapi/asm-generic/mman-common.h.</summary>
[Flags]
public enum Prot
{
    /// <summary>To read.</summary>
    Read = 1 << 0,

    /// <summary>To write.</summary>
    Write = 1 << 1,

    /// <summary>To execute.</summary>
    Exec = 1 << 2,
}

/// <summary>mm/mmap.c: files are mapped into the memory of a user.</summary>
public static class Mmap
{
    private const string Source = "mm/mmap.c";

    /// <summary>mmap() of a file; replies the first page of the user that it is at.</summary>
    /// <remarks>Simplified: the file is open for reading and writing; the place is the kernel's choice.</remarks>
    [Kernel(Source)]
    public static async Path<Result<Vma>> KsysMmapPgoff(
        KernelTask current, Process process, int fd, Pgoff first, ulong pageCount, Prot prot = Prot.Read | Prot.Write, bool isShared = true)
    {
        if (await File.Fget(current, process.Files, fd) is not { } file) return Errno.EBADF;
        var result = (Result<Vma>)Errno.ENODEV;
        if (file is GmemFile gmem && process.Mm is { } mm)
        {
            await current.Ask(mm, MmapWriteLock.Now);
            result = await DoMmap(current, mm, gmem, first, pageCount, prot, isShared);
            await current.Ask(mm, MmapWriteUnlock.Now);
        }

        await FileTable.Fput(current, file);
        return result;
    }

    /// <summary>munmap() of a whole mapping.</summary>
    [Kernel(Source)]
    public static async Path VmMunmap(KernelTask current, Vma vma)
    {
        await current.Ask(vma.Mm, MmapWriteLock.Now);
        await Memory.ZapFilePages(current, vma, vma.Pages);
        await current.Ask(vma.File.Inode, IMmapLock.Exclusive);
        await current.Ask(vma.File.Inode, new VmaIntervalTreeRemove(vma));
        await current.Ask(vma.File.Inode, IMmapUnlock.Now);
        await current.Ask(vma.Mm, new VmaUnlink(vma));
        await current.Ask(vma.Mm, MmapWriteUnlock.Now);
        await FileTable.Fput(current, vma.File);
    }

    /// <summary>mprotect(): of a mapping of a file from which nothing may be executed.</summary>
    [Kernel("mm/mprotect.c")]
    public static async Path<Errno> DoMprotectPkey(KernelTask current, Vma vma, Prot prot)
    {
        await current.Ask(vma.Mm, MmapWriteLock.Now);
        var isMapped = await current.Ask(vma.Mm, new FindVma(vma.Pages.Start.Value)) == vma;
        await current.Ask(vma.Mm, MmapWriteUnlock.Now);
        if (!isMapped) return Errno.ENOMEM;

        // Simplified: what may be executed only is told; to forbid reading or writing changes nothing.
        return (prot & Prot.Exec) != 0 ? Errno.EACCES : Errno.None;
    }

    [Kernel(Source)]
    private static async Path<Result<Vma>> DoMmap(
        KernelTask current, UserMemory mm, GmemFile file, Pgoff first, ulong pageCount, Prot prot, bool isShared)
    {
        if (pageCount == 0) return Errno.EINVAL;

        // The inode's filesystem is mounted noexec.
        if ((prot & Prot.Exec) != 0) return Errno.EPERM;
        if (file.Inode.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "vm_area_alloc")) return Errno.ENOMEM;
        var errno = GuestMemfd.KvmGmemMmap(current, file, isShared);
        if (errno != Errno.None) return errno;
        await current.Ask(file, GetFileRcu.Now);
        var vma = await current.Ask(mm, new VmaLink(file, first, pageCount));
        await current.Ask(file.Inode, IMmapLock.Exclusive);
        await current.Ask(file.Inode, new VmaIntervalTreeInsert(vma));
        await current.Ask(file.Inode, IMmapUnlock.Now);
        return vma;
    }
}
