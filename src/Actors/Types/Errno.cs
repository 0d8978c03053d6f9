namespace GmemActors.Actors;

/// <summary>
/// The kernel's error numbers: what a path returns, with the minus sign left to <see cref="Errnos.Text"/>.
/// </summary>
/// <remarks>Source: include/uapi/asm-generic/errno-base.h and errno.h.</remarks>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Operation not permitted.</summary>
    EPERM = 1,

    /// <summary>No such file or directory.</summary>
    ENOENT = 2,

    /// <summary>A signal is pending.</summary>
    EINTR = 4,

    /// <summary>Input/output error.</summary>
    EIO = 5,

    /// <summary>No such device or address.</summary>
    ENXIO = 6,

    /// <summary>Argument list too long.</summary>
    E2BIG = 7,

    /// <summary>Not an open file.</summary>
    EBADF = 9,

    /// <summary>Try again.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Bad address; with a memory-fault exit, a page that user space must provide.</summary>
    EFAULT = 14,

    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,

    /// <summary>Exists already.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>Too many open files.</summary>
    EMFILE = 24,

    /// <summary>Not an ioctl of this file.</summary>
    ENOTTY = 25,

    /// <summary>File too large.</summary>
    EFBIG = 27,

    /// <summary>No space left on device.</summary>
    ENOSPC = 28,

    /// <summary>Not seekable.</summary>
    ESPIPE = 29,

    /// <summary>Operation not supported.</summary>
    EOPNOTSUPP = 95,

    /// <summary>The memory has failed.</summary>
    EHWPOISON = 133,
}

/// <summary>How error numbers are printed.</summary>
public static class Errnos
{
    /// <summary><c>-EAGAIN</c>, or <c>0</c>.</summary>
    public static string Text(this Errno errno) => errno == Errno.None ? "0" : $"-{errno}";
}
