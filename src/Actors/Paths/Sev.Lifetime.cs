using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// How an SNP guest ends.
public static partial class Sev
{
    /// <summary>Frees what SEV has of the vCPUs: the VMSAs that KVM made.</summary>
    [Kernel(Source, "sev_free_vcpu")]
    internal static async Path SevFreeVcpus(KernelTask current, Vm vm)
    {
        foreach (var vcpu in await current.Ask(vm, KvmForEachVcpu.Now))
        {
            if (vcpu.Vmsa is not { } pfn) continue;

            // A page that the guest keeps must not be used by anybody else.
            if (await KvmRmpMakeShared(current, vm, pfn, PageLevel.Level4K) != Errno.None) continue;
            await current.Ask(vm.Machine.Memory, new FreePage(pfn));
        }
    }

    /// <summary>The firmware forgets the guest, and its ASID can be given to another.</summary>
    /// <remarks>
    /// The pages of a gmem file whose release came to this are the guest's still: its inode goes after this. Simplified: the
    /// firmware's command does not fail; the flush before an ASID is used again is not modelled.
    /// </remarks>
    [Kernel(Source)]
    internal static async Path SevVmDestroy(KernelTask current, Vm vm)
    {
        if (await current.Ask(vm, ReadSnpContext.Now)) await current.Ask(vm, new WriteSnpContext(false));
        await current.Ask(vm.Machine.Sev!, new SevAsidFree(vm.Asid));
    }
}
