using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Operations;

/// <summary>System calls on gmem files.</summary>
internal static class FileOperations
{
    private static readonly Parameter File = new("file", ArgumentType.File);
    private static readonly Parameter Offset = new("offset", ArgumentType.Size);
    private static readonly Parameter Length = new("length", ArgumentType.Size);

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("create_guest_memfd", "kvm_gmem_create", "Makes a gmem file of a VM, with an inode of its own.")
        {
            Parameters = [new("vm", ArgumentType.Vm), new("size", ArgumentType.Size), new("flags", ArgumentType.GmemFlags, "none")],
            Errnos = [Errno.EIO, Errno.EINVAL, Errno.EMFILE, Errno.ENOMEM, Errno.ENOENT],
            Run = (current, call) => call.Ioctl(
                current, 0, new VmIoctl.CreateGuestMemfd(new((long)call.Number(1), (GuestMemfdKind)call.Number(2)))),
        },
        new("fallocate", "vfs_fallocate", "fallocate() with any mode.")
        {
            Parameters = [File, new("mode", ArgumentType.FallocMode), Offset, Length],
            Errnos = [Errno.EBADF, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.EFBIG, Errno.EINTR, Errno.ENOMEM],
            Run = (current, call) => Fallocate(current, call, (FallocMode)call.Number(1), (long)call.Number(2), (long)call.Number(3)),
        },
        new("punch_hole", "kvm_gmem_punch_hole", "fallocate(PUNCH_HOLE | KEEP_SIZE): frees a range of a file.")
        {
            Parameters = [File, Offset, Length],
            Errnos = [Errno.EBADF, Errno.EINVAL, Errno.EFBIG],
            Run = (current, call) => Fallocate(
                current, call, FallocMode.KeepSize | FallocMode.PunchHole, (long)call.Number(1), (long)call.Number(2)),
        },
        new("allocate", "kvm_gmem_allocate", "fallocate(KEEP_SIZE): every page of a range is there afterwards.")
        {
            Parameters = [File, Offset, Length],
            Errnos = [Errno.EBADF, Errno.EINVAL, Errno.EFBIG, Errno.EINTR, Errno.ENOMEM],
            Run = (current, call) => Fallocate(current, call, FallocMode.KeepSize, (long)call.Number(1), (long)call.Number(2)),
        },
        new("close", "__x64_sys_close", "close(): gives the descriptor back; the last reference releases the file, later.")
        {
            Parameters = [File],
            Errnos = [Errno.EBADF],
            Run = (current, call) => Open.Close(current, call.Files, call.Fd(0)),
        },
    ];

    // By descriptor, as ksys_fallocate() does it: whose file it is by then, only the table knows.
    private static async Path<Errno> Fallocate(KernelTask current, Call call, FallocMode mode, long offset, long length)
    {
        if (await Actors.Paths.File.Fget(current, call.Files, call.Fd(0)) is not { } file) return Errno.EBADF;
        var errno = file is GmemFile gmem ? await Stage.Fallocate(current, gmem, mode, offset, length) : Errno.EOPNOTSUPP;
        await FileTable.Fput(current, file);
        return errno;
    }
}
