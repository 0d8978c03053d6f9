using GmemActors.Engine;

namespace GmemActors.Actors.Paths;

// How the page tables of a VM end.
public static partial class Mmu
{
    /// <summary>Takes all SPTEs away. Nobody runs the VM any more, so that no flush is due.</summary>
    [Kernel(Source)]
    internal static async Path KvmMmuZapAll(KernelTask current, Vm vm)
    {
        await current.Ask(vm, KvmMmuLock.Exclusive);
        await TdpMmu.KvmTdpMmuUnmapGfnRange(current, vm, vm.Frames, mayBlock: true);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Takes all roots away with what they map: also where no mmu_notifier did.</summary>
    [Kernel(Source)]
    internal static Path KvmMmuUninitVm(KernelTask current, Vm vm) => KvmMmuZapAll(current, vm);
}
