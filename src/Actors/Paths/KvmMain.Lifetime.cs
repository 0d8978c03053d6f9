using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

// How calls of a VM come in, and how it ends.
public static partial class KvmMain
{
    /// <summary>An ioctl on a VM's file: refused once the VM is dead, and to every process but the one that made it.</summary>
    /// <returns>A descriptor, or 0.</returns>
    [Kernel(Source)]
    public static async Path<Result<int>> KvmVmIoctl(KernelTask current, Process process, Vm vm, VmIoctl ioctl)
    {
        if (process.Mm != vm.Mm || await current.Ask(vm, ReadVmDead.Now)) return Errno.EIO;
        switch (ioctl)
        {
            case VmIoctl.CreateGuestMemfd create:
                if (create.Args is not { } args) return Errno.EFAULT;
                return await GuestMemfd.KvmGmemCreate(current, vm, process.Files, args.Size, args.Flags);
            case VmIoctl.SetUserMemoryRegion set:
                if (set.Mem is null) return Errno.EFAULT;
                if ((set.Mem.Flags & ~(KvmMem.LogDirtyPages | KvmMem.Readonly)) != 0) return Errno.EINVAL;
                return await KvmVmIoctlSetMemoryRegion(current, vm, process.Files, set.Mem);
            case VmIoctl.SetUserMemoryRegion2 set:
                if (set.Mem is null) return Errno.EFAULT;
                return await KvmVmIoctlSetMemoryRegion(current, vm, process.Files, set.Mem);
            case VmIoctl.SetMemoryAttributes when vm.Machine.Kernel.AttributesInInode:
                return Errno.ENOTTY;
            case VmIoctl.SetMemoryAttributes set:
                if (set.Attrs is null) return Errno.EFAULT;
                return await KvmVmIoctlSetMemAttributes(current, vm, set.Attrs);
            default:
                return Errno.ENOTTY;
        }
    }

    /// <summary>The last reference on the file of a VM is gone.</summary>
    /// <remarks>Simplified: no irqfds.</remarks>
    [Kernel(Source)]
    public static Path KvmVmRelease(KernelTask current, KvmFile file) => KvmPutKvm(current, file.Vm);

    /// <summary>The last reference on the file of a vCPU is gone; the vCPU itself goes with its VM.</summary>
    [Kernel(Source)]
    public static Path KvmVcpuRelease(KernelTask current, KvmFile file) => KvmPutKvm(current, file.Vm);

    /// <summary>Drops a reference on a VM; the last one destroys it, here and now.</summary>
    [Kernel(Source)]
    public static async Path KvmPutKvm(KernelTask current, Vm vm)
    {
        if (await current.Ask(vm, Actors.KvmPutKvm.Now)) await KvmDestroyVm(current, vm);
    }

    /// <summary>The memory of the user goes, or the VM: nothing of it stays mapped.</summary>
    [Kernel(Source)]
    internal static async Path KvmMmuNotifierRelease(KernelTask current, Vm vm)
    {
        await current.Ask(vm, SrcuReadLock.Now);
        await KvmFlushShadowAll(current, vm);
        await current.Ask(vm, SrcuReadUnlock.Now);
    }

    /// <summary>Nobody refers to a VM any more: no file of it, of a vCPU or of guest memory is left.</summary>
    /// <remarks>
    /// Simplified: of the files of VMs and vCPUs none holds the module, as each does, but the VM; no list of VMs, no buses, devices, coalesced MMIO, debugfs or statistics; that nobody waits to swap memslots is not looked
    /// at, since whoever does holds a reference.
    /// </remarks>
    [Kernel(Source)]
    private static async Path KvmDestroyVm(KernelTask current, Vm vm)
    {
        await X86.KvmArchPreDestroyVm(current, vm);
        if (vm.Mm is { } mm) await MmuNotifier.MmuNotifierUnregister(current, mm, vm);
        await current.Ask(vm, MnCheckAtDestroy.Now);
        await X86.KvmArchDestroyVm(current, vm);
        foreach (var slot in await current.Ask(vm, KvmMemslotSet.Now)) await KvmFreeMemslot(current, vm, slot);
        await current.Ask(vm, XaDestroyMemAttrArray.Now);
        await current.Ask(vm, KvmArchFreeVm.Now);
        if (vm.Machine.Module is { } module) await current.Ask(module, ModulePut.Now);
    }

    [Kernel(Source)]
    private static Path KvmFlushShadowAll(KernelTask current, Vm vm) => X86.KvmArchFlushShadowAll(current, vm);
}
