using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>fs/read_write.c: what a file of guest memory has no operation for.</summary>
public static class ReadWrite
{
    private const string Source = "fs/read_write.c";

    /// <summary>read(): the file has no such operation.</summary>
    [Kernel(Source)]
    public static Path<Errno> KsysRead(KernelTask current, FilesStruct files, int fd) => Refuse(current, files, fd, Errno.EINVAL);

    /// <summary>write(): the file has no such operation.</summary>
    [Kernel(Source)]
    public static Path<Errno> KsysWrite(KernelTask current, FilesStruct files, int fd) => Refuse(current, files, fd, Errno.EINVAL);

    /// <summary>pread(): the file has no position.</summary>
    [Kernel(Source)]
    public static Path<Errno> KsysPread64(KernelTask current, FilesStruct files, int fd) => Refuse(current, files, fd, Errno.ESPIPE);

    /// <summary>pwrite(): the file has no position.</summary>
    [Kernel(Source)]
    public static Path<Errno> KsysPwrite64(KernelTask current, FilesStruct files, int fd) => Refuse(current, files, fd, Errno.ESPIPE);

    /// <summary>lseek(): the file has no position.</summary>
    [Kernel(Source)]
    public static Path<Errno> KsysLseek(KernelTask current, FilesStruct files, int fd) => Refuse(current, files, fd, Errno.ESPIPE);

    /// <summary>fsync(): the file has no such operation.</summary>
    [Kernel("fs/sync.c")]
    public static Path<Errno> VfsFsync(KernelTask current, FilesStruct files, int fd) => Refuse(current, files, fd, Errno.EINVAL);

    /// <summary>fstat(): what a gmem file looks like, allocated or not.</summary>
    [Kernel("fs/stat.c")]
    public static async Path<Result<Kstat>> VfsFstat(KernelTask current, FilesStruct files, int fd)
    {
        if (await File.Fget(current, files, fd) is not { } file) return Errno.EBADF;

        // Simplified: of other files nothing is known.
        var result = file is GmemFile gmem
            ? new Kstat(gmem.Inode.Name, await current.Ask(gmem.Inode, ISizeRead.Now) << Pages.Shift)
            : (Result<Kstat>)Errno.EINVAL;
        await FileTable.Fput(current, file);
        return result;
    }

    /// <summary>ftruncate(), fchmod(), fchown(), futimens(): a gmem file refuses them all.</summary>
    [Kernel("fs/attr.c")]
    public static async Path<Errno> NotifyChange(KernelTask current, FilesStruct files, int fd)
    {
        if (await File.Fget(current, files, fd) is not { } file) return Errno.EBADF;
        var errno = file is GmemFile gmem ? GuestMemfd.KvmGmemSetattr(current, gmem) : Errno.EINVAL;
        await FileTable.Fput(current, file);
        return errno;
    }

    [Kernel(Source, "file_can_read, file_can_write")]
    private static async Path<Errno> Refuse(KernelTask current, FilesStruct files, int fd, Errno errno)
    {
        if (await File.Fget(current, files, fd) is not { } file) return Errno.EBADF;
        await FileTable.Fput(current, file);
        return errno;
    }
}

/// <summary>What fstat() tells of a gmem file, <c>struct kstat</c>.</summary>
/// <param name="Ino">Which inode it is.</param>
/// <param name="Size">Its bytes.</param>
public readonly record struct Kstat(string Ino, ulong Size)
{
    /// <summary><c>st_blksize</c>.</summary>
    public static int Blksize => Pages.Size;

    /// <summary><c>st_blocks</c>: 0, allocated or not.</summary>
    public static ulong Blocks => 0;

    /// <summary><c>st_mode</c>: a regular file, for its owner to read and write.</summary>
    public static int Mode => 0x8180;

    /// <summary><c>st_nlink</c>.</summary>
    public static int Nlink => 1;
}
