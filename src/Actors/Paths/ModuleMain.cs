using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

/// <summary>kernel/module/main.c: a module is unloaded.</summary>
public static class ModuleMain
{
    /// <summary>rmmod: EAGAIN stands for EWOULDBLOCK, which is the same number.</summary>
    [Kernel("kernel/module/main.c", "__x64_sys_delete_module")]
    public static async Path<Errno> DeleteModule(KernelTask current, Module module) =>
        await current.Ask(module, TryStopModule.Now) ? Errno.None : Errno.EAGAIN;
}
