using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// The pages that a trust domain begins with.
public static partial class Tdx
{
    /// <summary>KVM_TDX_INIT_MEM_REGION: pages of the user become the trust domain's. All of the VM's locks are held.</summary>
    [Kernel(Source)]
    private static async Path<Errno> TdxVcpuInitMemRegion(KernelTask current, Vcpu vcpu, KvmTdxCmd.InitMemRegion cmd)
    {
        var vm = vcpu.Vm;
        if (!await current.Ask(vcpu, IsTdVcpuInitialized.Now)) return Errno.EINVAL;
        if ((cmd.Flags & ~KvmTdxCmd.InitMemRegion.MeasureMemoryRegion) != 0) return Errno.EINVAL;
        if (cmd.Region is not { } region) return Errno.EFAULT;
        var (size, last) = (region.NrPages << Pages.Shift, region.Gpa + (region.NrPages << Pages.Shift) - 1);
        if (!Pages.IsAligned(region.SourceAddr) || !Pages.IsAligned(region.Gpa) || region.NrPages == 0) return Errno.EINVAL;
        if (region.Gpa + size <= region.Gpa || TdProgram.IsShared(region.Gpa) || TdProgram.IsShared(last)) return Errno.EINVAL;

        var isMeasured = (cmd.Flags & KvmTdxCmd.InitMemRegion.MeasureMemoryRegion) != 0;
        Path<Errno> PostPopulate(KernelTask task, Vm filled, Gfn gfn, Pfn pfn, PopulateSource source) =>
            TdxGmemPostPopulate(task, vcpu, gfn, pfn, source, isMeasured);
        while (region.NrPages > 0)
        {
            if (KvmMain.SignalPending(current, vm)) return Errno.EINTR;
            var gfn = new Gfn(region.Gpa >> Pages.Shift);
            var done = await GuestMemfd.KvmGmemPopulate(current, vm, gfn, region.SourceAddr, npages: 1, PostPopulate);
            if (done.IsErr) return done.Errno;
            if (done.Value != 1) return Errno.EIO;
            (region.SourceAddr, region.Gpa) = (region.SourceAddr + Pages.Size, region.Gpa + Pages.Size);
            region.NrPages--;
        }

        return Errno.None;
    }

    /// <summary>Gives a page to the trust domain with the content of the source, and measures it if that is wanted.</summary>
    /// <remarks>The source is noted for PAGE.ADD, which is in the MMU's hands by then. Simplified: the page is measured in one call.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> TdxGmemPostPopulate(
        KernelTask current, Vcpu vcpu, Gfn gfn, Pfn pfn, PopulateSource source, bool isMeasured)
    {
        var vm = vcpu.Vm;
        var noted = await current.Ask(vm, ReadPageAddSrc.Now);
        if (await KvmHost.KvmBugOn(current, vm, noted is not null, "page_add_src is noted already")) return Errno.EIO;
        if (source.Page is not { } page) return Errno.EOPNOTSUPP;
        await current.Ask(vm, new WritePageAddSrc(page));
        var errno = await Mmu.KvmTdpMmuMapPrivatePfn(current, vcpu, gfn, pfn);
        await current.Ask(vm, new WritePageAddSrc(null));
        if (errno != Errno.None || !isMeasured) return errno;
        var td = await current.Ask(vm, ReadTd.Now);
        var err = await TdxHost.Seamcall(current, vm.Machine, new TdhMrExtend(td!.Tdr, gfn));
        return await TdxBugOn(current, vm, err, "TDH_MR_EXTEND") ? Errno.EIO : Errno.None;
    }
}
