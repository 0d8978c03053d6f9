using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>fs/open.c: system calls on open files.</summary>
public static class Open
{
    private const string Source = "fs/open.c";

    /// <summary>fallocate(): the tests that come before the file's own.</summary>
    /// <remarks>Simplified: the file is open for writing, and no security module objects.</remarks>
    [Kernel(Source)]
    public static async Path<Errno> VfsFallocate(KernelTask current, GmemFile file, FallocMode mode, long offset, long len)
    {
        if (offset < 0 || len <= 0) return Errno.EINVAL;
        switch (mode & ~FallocMode.KeepSize)
        {
            case FallocMode.None or FallocMode.ZeroRange or FallocMode.UnshareRange:
                break;
            case FallocMode.PunchHole when (mode & FallocMode.KeepSize) != 0:
                break;
            case FallocMode.CollapseRange or FallocMode.InsertRange when (mode & FallocMode.KeepSize) == 0:
                break;
            default:
                return Errno.EOPNOTSUPP;
        }

        if (offset > long.MaxValue - len) return Errno.EFBIG;
        return await GuestMemfd.KvmGmemFallocate(current, file, mode, offset, len);
    }

    /// <summary>fallocate() by descriptor.</summary>
    [Kernel(Source)]
    public static async Path<Errno> KsysFallocate(
        KernelTask current, FilesStruct files, int fd, FallocMode mode, long offset, long len)
    {
        if (await File.Fget(current, files, fd) is not { } file) return Errno.EBADF;

        // Simplified: what other files do is of no concern.
        var errno = file is GmemFile gmem ? await VfsFallocate(current, gmem, mode, offset, len) : Errno.EOPNOTSUPP;
        await FileTable.Fput(current, file);
        return errno;
    }

    /// <summary>open() of a gmem file through its link in /proc: its inode has no operation for that.</summary>
    [Kernel(Source)]
    public static Errno DoDentryOpen(KernelTask current, GmemFile file) => Errno.ENXIO;

    /// <summary>close(): gives the descriptor back and drops its reference.</summary>
    [Kernel(Source, "__x64_sys_close")]
    public static async Path<Errno> Close(KernelTask current, FilesStruct files, int fd)
    {
        if (await current.Ask(files, new FileCloseFd(fd)) is not { } file) return Errno.EBADF;
        await FileTable.Fput(current, file);
        return Errno.None;
    }
}
