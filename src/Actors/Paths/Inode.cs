using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>fs/inode.c: how an inode ends.</summary>
public static class Inode
{
    /// <summary>Drops a reference; with the last one the inode's memory goes.</summary>
    [Kernel("fs/inode.c")]
    public static async Path Iput(KernelTask current, GmemInode inode)
    {
        if (await current.Ask(inode, Actors.Iput.Now)) await Truncate.TruncateInodePagesFinal(current, inode);
    }
}
