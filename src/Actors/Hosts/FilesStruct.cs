using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>A process's open files, <c>struct files_struct</c>: what a file descriptor is.</summary>
/// <remarks>Source: fs/file.c.</remarks>
public sealed class FilesStruct(string name, int limit = 16) : Actor(name)
{
    private readonly OpenFile?[] _files = new OpenFile?[limit];
    private readonly bool[] _used = new bool[limit];
    private readonly int[] _uses = new int[limit];

    /// <summary>Opens a file before the world runs; returns its descriptor.</summary>
    public int Open(OpenFile file)
    {
        var fd = Reserve().Fd;
        _files[fd] = file;
        return fd;
    }

    /// <summary>How many descriptors a file has.</summary>
    internal int CountOf(OpenFile file) => _files.Count(open => open == file);

    /// <summary><c>fork()</c> before the world runs: another process with the same files.</summary>
    public FilesStruct Fork(string name)
    {
        var child = new FilesStruct(name, _files.Length);
        for (var fd = 0; fd < _files.Length; fd++)
        {
            (child._files[fd], child._used[fd]) = (_files[fd], _used[fd]);
            _files[fd]?.Get();
        }

        return child;
    }

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case GetUnusedFdFlags get:
                return get.Reply(Reserve());
            case FdInstall install:
                _files[install.Fd] = install.File;
                return Reply.Done;
            case PutUnusedFd put:
                _used[put.Fd] = false;
                return Reply.Done;
            case FilesLookupFd lookup:
                return lookup.Reply(lookup.Fd >= 0 && lookup.Fd < _files.Length ? _files[lookup.Fd] : null);
            case FileCloseFd close:
                return close.Reply(Close(close.Fd));
            default:
                throw Unexpected(message);
        }
    }

    private OpenFile? Close(int fd)
    {
        if (fd < 0 || fd >= _files.Length || _files[fd] is not { } file) return null;
        (_files[fd], _used[fd]) = (null, false);
        return file;
    }

    private UnusedFd Reserve()
    {
        var fd = Array.IndexOf(_used, false);
        if (fd < 0) return new(fd, 0);
        _used[fd] = true;
        return new(fd, _uses[fd]++);
    }
}

/// <summary>A descriptor that was reserved.</summary>
/// <param name="Fd">Its number; −1 if none was left.</param>
/// <param name="Uses">How often it was reserved before: no two files are of one name.</param>
public readonly record struct UnusedFd(int Fd, int Uses)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Fd}";
}

/// <summary>Reserves a file descriptor, if one is left.</summary>
public sealed record GetUnusedFdFlags : Message<UnusedFd>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly GetUnusedFdFlags Now = new();
}

/// <summary>Gives a descriptor back that was reserved, and under which nothing was published.</summary>
public sealed record PutUnusedFd(int Fd) : Message<Done>;

/// <summary>Publishes a file under a descriptor that was reserved.</summary>
public sealed record FdInstall(int Fd, OpenFile File) : Message<Done>;

/// <summary>The file of a descriptor, without a reference; none if it is not open.</summary>
public sealed record FilesLookupFd(int Fd) : Query<OpenFile?>;

/// <summary>Gives a descriptor back; replies the file that it was, none if it was not open.</summary>
public sealed record FileCloseFd(int Fd) : Message<OpenFile?>;
