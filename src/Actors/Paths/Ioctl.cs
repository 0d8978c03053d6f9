using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>fs/ioctl.c: ioctl() by descriptor.</summary>
public static class Ioctl
{
    /// <summary>KVM_SET_MEMORY_ATTRIBUTES2, which is one of gmem files alone.</summary>
    /// <param name="current">The task.</param>
    /// <param name="files">The open files of its process.</param>
    /// <param name="fd">The descriptor.</param>
    /// <param name="attrs">What it is given; null if its memory cannot be read.</param>
    [Kernel("fs/ioctl.c", "__x64_sys_ioctl")]
    public static async Path<Errno> SetMemoryAttributes2(KernelTask current, FilesStruct files, int fd, KvmMemoryAttributes2? attrs)
    {
        if (await File.Fget(current, files, fd) is not { } file) return Errno.EBADF;
        var errno = file is GmemFile gmem ? await GuestMemfd.KvmGmemIoctl(current, gmem, attrs) : Errno.ENOTTY;
        await FileTable.Fput(current, file);
        return errno;
    }
}
