using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>fs/file_table.c: how a file ends.</summary>
public static class FileTable
{
    private const string Source = "fs/file_table.c";

    /// <summary>Drops a reference; the last one releases the file, later and in a context of its own.</summary>
    [Kernel(Source)]
    public static async Path Fput(KernelTask current, OpenFile file)
    {
        // Simplified: task work of the caller, which runs when it goes back to user space, is a task of its own here.
        if (await current.Ask(file, Actors.Fput.Now)) current.Spawn($"__fput:{file}", task => FinalFput(task, file));
    }

    /// <summary>The last reference is gone: releases the file, then drops its inode and its module.</summary>
    [Kernel(Source, "__fput")]
    private static async Path FinalFput(KernelTask current, OpenFile file)
    {
        switch (file)
        {
            case GmemFile gmem:
                await GuestMemfd.KvmGmemRelease(current, gmem);
                await Inode.Iput(current, gmem.Inode);
                if (gmem.Vm.Machine is { Module: { } owner } machine && !machine.Kernel.Has(GuestMemfdBugs.FileWithoutOwner))
                {
                    await current.Ask(owner, ModulePut.Now);
                }

                break;
            case KvmFile { IsVcpu: true } vcpu:
                await KvmMain.KvmVcpuRelease(current, vcpu);
                break;
            case KvmFile vm:
                await KvmMain.KvmVmRelease(current, vm);
                break;
        }
    }
}
