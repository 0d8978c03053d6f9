using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

// How a file of guest memory comes to be.
public static partial class GuestMemfd
{
    /// <summary>KVM_CREATE_GUEST_MEMFD: a file of <paramref name="size"/> bytes; returns its descriptor.</summary>
    /// <remarks>No VM is refused: of a VM that no slot of a gmem file is accepted in, the file can only not be bound.</remarks>
    [Kernel(Source)]
    public static async Path<Result<int>> KvmGmemCreate(
        KernelTask current, Vm vm, FilesStruct files, long size, GuestMemfdKind flags)
    {
        var supported = vm.Machine.Kernel.GmemFlags;
        if (vm.HasPrivateMemory && !vm.Machine.Kernel.AttributesInInode) supported &= ~GuestMemfdKind.InitShared;
        if ((flags & ~supported) != 0) return Errno.EINVAL;
        if (size <= 0 || !Pages.IsAligned((ulong)size)) return Errno.EINVAL;

        var fd = await current.Ask(files, GetUnusedFdFlags.Now);
        if (fd.Fd < 0) return Errno.EMFILE;
        var errno = await CreateFile(current, vm, files, fd, size, flags);
        if (errno == Errno.None) return fd.Fd;
        await current.Ask(files, new PutUnusedFd(fd.Fd));
        return errno;
    }

    /// <summary>Makes inode and file and publishes the file under a descriptor that was reserved.</summary>
    /// <remarks>
    /// Simplified: before 7.2 the file is of the anonymous-inode helper, which takes the module and makes the inode in the same order; no
    /// security module objects; no NUMA policy. Nothing that is undone on an error was visible to others.
    /// </remarks>
    [Kernel(Source, "__kvm_gmem_create")]
    private static async Path<Errno> CreateFile(
        KernelTask current, Vm vm, FilesStruct files, UnusedFd fd, long size, GuestMemfdKind flags)
    {
        var faults = vm.Machine.Faults;
        if (faults.ShouldFail(current, FaultKind.Allocation, "kzalloc(struct kvm_gmem)")) return Errno.ENOMEM;
        if (faults.ShouldFail(current, FaultKind.Module, "fops_get") || !await FopsGet(current, vm.Machine)) return Errno.ENOENT;
        if (faults.ShouldFail(current, FaultKind.Allocation, "kvm_gmem_inode_make_secure_inode")) return Errno.ENOMEM;
        if (faults.ShouldFail(current, FaultKind.Allocation, "alloc_file_pseudo")) return Errno.ENOMEM;
        await Publish(current, vm, files, fd, size, flags);
        return Errno.None;
    }

    /// <summary>The module stays as long as the file does: its release is code of it.</summary>
    [Kernel("include/linux/fs.h")]
    private static async Path<bool> FopsGet(KernelTask current, Machine machine) =>
        machine.Module is not { } module
        || machine.Kernel.Has(GuestMemfdBugs.FileWithoutOwner)
        || await current.Ask(module, TryModuleGet.Now);

    /// <summary>What cannot fail any more.</summary>
    [Kernel(Source, "__kvm_gmem_create")]
    private static async Path Publish(KernelTask current, Vm vm, FilesStruct files, UnusedFd fd, long size, GuestMemfdKind flags)
    {
        var number = fd.Uses == 0 ? $"{fd}" : $"{fd}.{fd.Uses}";
        var pages = (ulong)size >> Pages.Shift;
        var inode = vm.Machine.AnonInode ?? current.Add(new GmemInode($"{vm}:inode{number}", vm.Machine, pages, flags));
        if (vm.Machine.AnonInode is not null) await current.Ask(inode, new ISizeWrite(pages));
        var file = current.Add(new GmemFile($"{vm}:gmem{number}", vm, inode));
        await current.Ask(vm, KvmGetKvm.Now);

        // No lock: nobody knows of the inode yet.
        await current.Ask(inode, new ListAdd(file));
        await current.Ask(files, new FdInstall(fd.Fd, file));
    }
}
