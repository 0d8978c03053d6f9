using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>fs/file.c: from descriptors and pointers to files.</summary>
public static class File
{
    private const string Source = "fs/file.c";

    /// <summary>The file of a descriptor, with a reference; none if it is not open.</summary>
    /// <remarks>Simplified: the lookup under RCU is one step, and that no other file is there after it is not looked at again.</remarks>
    [Kernel(Source)]
    public static async Path<OpenFile?> Fget(KernelTask current, FilesStruct files, int fd)
    {
        var file = await current.Ask(files, new FilesLookupFd(fd));
        return file is not null && await current.Ask(file, GetFileRcu.Now) ? file : null;
    }

    /// <summary>The file of a memslot, with a reference; none if there is none or if it is being released.</summary>
    /// <remarks>Simplified: the pointer is not read again here, since kvm_gmem_get_pfn does that next.</remarks>
    [Kernel(Source)]
    public static async Path<GmemFile?> GetFileActive(KernelTask current, Vm vm, Memslot slot)
    {
        await current.Ask(vm.Machine.Rcu, RcuReadLock.Now);
        var file = await current.Ask(vm, new ReadGmemFile(slot));
        if (file is not null && !await current.Ask(file, GetFileRcu.Now)) file = null;
        await current.Ask(vm.Machine.Rcu, RcuReadUnlock.Now);
        return file;
    }
}
