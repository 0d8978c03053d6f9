using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>include/linux/kvm_host.h: small helpers of KVM.</summary>
internal static class KvmHost
{
    private const string Source = "include/linux/kvm_host.h";

    /// <summary>What KVM takes for a bug of its own: the VM is dead from then on.</summary>
    /// <returns>The condition.</returns>
    [Kernel(Source)]
    internal static async Path<bool> KvmBugOn(KernelTask current, Vm vm, bool condition, string what)
    {
        if (condition) await KvmVmBugged(current, vm, what);
        return condition;
    }

    /// <summary>Marks a VM as dead: its vCPUs leave to user space, its ioctls fail.</summary>
    [Kernel(Source)]
    internal static async Path KvmVmDead(KernelTask current, Vm vm)
    {
        await current.Ask(vm, Actors.KvmVmDead.Now);
        await KvmMain.KvmMakeAllCpusRequest(current, vm, VcpuRequests.VmDead);
    }

    /// <summary>Whether a frame is private. kvm->srcu is held.</summary>
    [Kernel(Source)]
    internal static async Path<bool> KvmMemIsPrivate(KernelTask current, Vm vm, Gfn gfn) => vm.Machine.Kernel.AttributesInInode
        ? (await GuestMemfd.KvmGmemGetMemoryAttributes(current, vm, gfn) & KvmMemoryAttributes.Private) != 0
        : await current.Ask(vm, new Actors.KvmMemIsPrivate(gfn));

    /// <summary>Marks a VM as bugged and dead, and warns.</summary>
    [Kernel(Source)]
    internal static async Path KvmVmBugged(KernelTask current, Vm vm, string what)
    {
        await current.Ask(vm, new Actors.KvmVmBugged(what));
        await KvmVmDead(current, vm);
    }
}
