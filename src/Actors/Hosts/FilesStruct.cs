using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>A process's open files, <c>struct files_struct</c>: what a file descriptor is.</summary>
/// <remarks>Source: fs/file.c. Simplified: only gmem files count their references; any other file is there for good.</remarks>
public sealed class FilesStruct : Actor
{
    private readonly Actor?[] _files;
    private readonly bool[] _used;
    private readonly Field _table;

    /// <summary>No open file, and so many descriptors at most.</summary>
    public FilesStruct(string name, int limit = 16) : base(name)
    {
        (_files, _used) = (new Actor?[limit], new bool[limit]);
        _table = new(this, "fdt");
    }

    /// <summary>Opens a file before the world runs; returns its descriptor.</summary>
    public int Open(Actor file)
    {
        var fd = Reserve();
        _files[fd] = file;
        return fd;
    }

    /// <summary>How many descriptors a file has.</summary>
    internal int CountOf(Actor file) => _files.Count(open => open == file);

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case GetUnusedFdFlags get:
                return get.Reply(Reserve());
            case FdInstall install:
                // Who finds the file by its descriptor comes after this.
                _table.WriteOnce(sender);
                _files[install.Fd] = install.File;
                return Reply.Done;
            case FilesLookupFd lookup:
                _table.ReadOnce(sender);
                return lookup.Reply(lookup.Fd >= 0 && lookup.Fd < _files.Length ? _files[lookup.Fd] : null);
            case FileCloseFd close:
                _table.WriteOnce(sender);
                var file = _files[close.Fd];
                (_files[close.Fd], _used[close.Fd]) = (null, false);
                return close.Reply(file);
            default:
                throw Unexpected(message);
        }
    }

    private int Reserve()
    {
        var fd = Array.IndexOf(_used, false);
        if (fd >= 0) _used[fd] = true;
        return fd;
    }
}

/// <summary>Reserves a file descriptor; replies −1 if there is none left.</summary>
public sealed record GetUnusedFdFlags : Message<int>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly GetUnusedFdFlags Now = new();
}

/// <summary>Publishes a file under a descriptor that was reserved.</summary>
public sealed record FdInstall(int Fd, Actor File) : Message<Done>;

/// <summary>The file of a descriptor, without a reference; none if it is not open.</summary>
public sealed record FilesLookupFd(int Fd) : Query<Actor?>;

/// <summary>Gives a descriptor back; replies the file that it was.</summary>
public sealed record FileCloseFd(int Fd) : Message<Actor?>;
