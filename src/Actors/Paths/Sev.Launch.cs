using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// A guest is built: KVM_SEV_SNP_LAUNCH_START, …_UPDATE, …_FINISH.
public static partial class Sev
{
    private const uint FirmwareFailed = 1;
    private const uint FirmwareInvalidParam = 0x16;

    /// <summary>KVM_MEMORY_ENCRYPT_OP of an SNP guest.</summary>
    /// <remarks>Simplified: the caller owns the VM, and the arguments can be read and written.</remarks>
    [Kernel(Source)]
    public static async Path<Errno> SevMemEncIoctl(KernelTask current, Vm vm, KvmSevCmd cmd)
    {
        await current.Ask(vm, KvmLock.Now);
        var errno = cmd switch
        {
            SnpLaunchStartCmd => await SnpLaunchStart(current, vm),
            SnpLaunchUpdateCmd update => await SnpLaunchUpdate(current, vm, update),
            _ => await SnpLaunchFinish(current, vm, cmd),
        };
        await current.Ask(vm, KvmUnlock.Now);
        return errno;
    }

    /// <summary>The firmware makes a context for the guest, once.</summary>
    /// <remarks>Simplified: the policy is right, and the ASID is bound to the context by this command too.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> SnpLaunchStart(KernelTask current, Vm vm)
    {
        if (vm.Type != VmType.Snp) return Errno.ENOTTY;
        if (await current.Ask(vm, ReadSnpContext.Now)) return Errno.EINVAL;
        await current.Ask(vm, new WriteSnpContext(true));
        return Errno.None;
    }

    /// <summary>Fills a range and has it measured. Whatever fails, user space learns EIO, and what the firmware said.</summary>
    [Kernel(Source)]
    private static async Path<Errno> SnpLaunchUpdate(KernelTask current, Vm vm, SnpLaunchUpdateCmd args)
    {
        var isStrict = vm.Machine.Kernel.PopulatesPageByPage;
        if (vm.Type != VmType.Snp || !await current.Ask(vm, ReadSnpContext.Now)) return Errno.EINVAL;
        if (!Pages.IsAligned(args.Length) || (isStrict && args.Length == 0)) return Errno.EINVAL;
        if (args.Flags != 0 || !Enum.IsDefined(args.Type)) return Errno.EINVAL;
        ulong? src = args.Type == SnpPageType.Zero ? null : args.Address;
        if (isStrict && src is { } address && !Pages.IsAligned(address)) return Errno.EINVAL;

        // To keep the memslots, and with them the file and its bindings.
        await current.Ask(vm, SlotsLock.Now);
        var errno = await PopulateSlot(current, vm, args, src);
        await current.Ask(vm, SlotsUnlock.Now);
        return errno;
    }

    [Kernel(Source, "snp_launch_update")]
    private static async Path<Errno> PopulateSlot(KernelTask current, Vm vm, SnpLaunchUpdateCmd args, ulong? src)
    {
        if (await current.Ask(vm, new GfnToMemslot(args.Gfn)) is not { CanBePrivate: true }) return Errno.EINVAL;
        var count = await GuestMemfd.KvmGmemPopulate(
            current,
            vm,
            args.Gfn,
            src,
            (long)(args.Length >> Pages.Shift),
            (task, kvm, gfn, pfn, source) => SevGmemPostPopulate(task, kvm, args, gfn, pfn, source));
        if (count.IsErr)
        {
            current.Mark(Events.LaunchUpdateFailed);
            return Errno.EIO;
        }

        var done = (ulong)count.Value << Pages.Shift;
        args.Gfn += (ulong)count.Value;
        args.Length -= done;
        if (src is not null) args.Address += done;
        return Errno.None;
    }

    /// <summary>One page of a launch: copied, made the guest's and immutable, measured.</summary>
    /// <remarks>Simplified: one page at a time, so nothing of the same step is made shared again when it fails.</remarks>
    [Kernel(Source)]
    private static async Path<Errno> SevGmemPostPopulate(
        KernelTask current, Vm vm, SnpLaunchUpdateCmd args, Gfn gfn, Pfn pfn, PopulateSource source)
    {
        var machine = vm.Machine;
        if (current.WarnOn(!source.IsSome && args.Type != SnpPageType.Zero, "sev_gmem_post_populate: no source")) return Errno.EINVAL;
        var entry = await SevSnpHost.SnpLookupRmpentry(current, machine, pfn);
        if (entry.IsErr) return Errno.EINVAL;
        if (entry.Value.Assigned) return Errno.EEXIST;
        if (source.IsSome && await CopyIn(current, vm, pfn, source) is not Errno.None and var copied) return copied;
        var errno = await SevSnpHost.RmpMakePrivate(current, machine, pfn, gfn, PageLevel.Level4K, vm.Asid, immutable: true);
        if (errno != Errno.None) return errno;
        args.Error = await FirmwareLaunchUpdate(current, vm, pfn, args.Type, vmsa: false);
        if (args.Error == 0) return Errno.None;

        // The firmware may have corrected the page, which is the host's again after this.
        var reclaimed = await SnpPageReclaim(current, vm, pfn);
        if (reclaimed == Errno.None && args.Type == SnpPageType.Cpuid && args.Error == FirmwareInvalidParam)
        {
            await CopyBack(current, vm, pfn, source);
        }

        return Errno.EIO;
    }

    /// <summary>Copies a page in. It is the host's still, or the write would be the end of it.</summary>
    [Kernel(Source, "sev_gmem_post_populate")]
    private static async Path<Errno> CopyIn(KernelTask current, Vm vm, Pfn pfn, PopulateSource source)
    {
        var (machine, sev) = (vm.Machine, vm.Machine.Sev!);
        await current.Ask(sev, KmapLocalPfn.Now);
        var own = source.Page is null ? await Gup.GetUserPagesFast(current, vm.Mm, source.Address!.Value >> Pages.Shift) : null;
        if ((source.Page ?? own?.Pfn) is not { } from)
        {
            if (!machine.Kernel.Has(SnpBugs.PopulateLeaksMapping)) await current.Ask(sev, KunmapLocal.Now);
            return Errno.EFAULT;
        }

        await Highmem.CopyHighpage(current, machine, pfn, from);
        await current.Ask(sev, KunmapLocal.Now);

        // Simplified: copy_from_user() is a lookup with a reference and a copy.
        if (own is { } page) await Swap.PutPage(current, vm.Mm!, page);
        return Errno.None;
    }

    /// <summary>Lets user space see what the firmware would have accepted. That this fails is not told.</summary>
    [Kernel(Source, "sev_gmem_post_populate")]
    private static async Path CopyBack(KernelTask current, Vm vm, Pfn pfn, PopulateSource source)
    {
        var own = source.Page is null ? await Gup.GetUserPagesFast(current, vm.Mm, source.Address!.Value >> Pages.Shift) : null;
        if ((source.Page ?? own?.Pfn) is not { } to) return;
        await Highmem.CopyHighpage(current, vm.Machine, to, pfn);
        if (own is { } page) await Swap.PutPage(current, vm.Mm!, page);
    }

    /// <summary>The firmware measures a page and encrypts it. Returns what it says.</summary>
    /// <remarks>Simplified: a command is one step, so its lock is not there; a CPUID page is right unless a fault says otherwise.</remarks>
    [Kernel("drivers/crypto/ccp/sev-dev.c", "sev_issue_cmd")]
    private static async Path<uint> FirmwareLaunchUpdate(KernelTask current, Vm vm, Pfn pfn, SnpPageType type, bool vmsa)
    {
        var machine = vm.Machine;
        if (machine.Faults.ShouldFail(current, FaultKind.Rmp, "SNP_LAUNCH_UPDATE"))
        {
            return type == SnpPageType.Cpuid ? FirmwareInvalidParam : FirmwareFailed;
        }

        if (!await current.Ask(machine.Rmp!, new SnpLaunchUpdate(pfn, vm.Asid, vmsa))) return FirmwareFailed;
        if (type == SnpPageType.Zero) await current.Ask(machine.Memory, new ClearPage(pfn, vm.Asid.Key));
        else await current.Ask(machine.Memory, new WritePage(pfn, vm.Asid.Key));
        return 0;
    }

    /// <summary>Takes back a page that the firmware has. If that fails, the VM is bugged and the page is lost.</summary>
    [Kernel(Source)]
    private static async Path<Errno> SnpPageReclaim(KernelTask current, Vm vm, Pfn pfn)
    {
        var machine = vm.Machine;
        var isFailed = machine.Faults.ShouldFail(current, FaultKind.Rmp, "SNP_PAGE_RECLAIM");
        if (!isFailed && await current.Ask(machine.Rmp!, new SnpPageReclaim(pfn)))
        {
            return await KvmRmpMakeShared(current, vm, pfn, PageLevel.Level4K);
        }

        await KvmHost.KvmVmBugged(current, vm, "snp_page_reclaim: the firmware keeps the page");
        await SevSnpHost.SnpLeakPages(current, machine, pfn);
        return Errno.EIO;
    }

    /// <summary>Takes a page back from a guest. If that fails, the VM is bugged and the page is lost.</summary>
    [Kernel(Source)]
    private static async Path<Errno> KvmRmpMakeShared(KernelTask current, Vm vm, Pfn pfn, PageLevel level)
    {
        if (await SevSnpHost.RmpMakeShared(current, vm.Machine, pfn, level) == Errno.None) return Errno.None;
        await KvmHost.KvmVmBugged(current, vm, "kvm_rmp_make_shared: RMPUPDATE failed");
        await SevSnpHost.SnpLeakPages(current, vm.Machine, pfn);
        return Errno.EIO;
    }

    /// <summary>Measures the vCPUs' state, tells the firmware that this is all, and lets the guest run.</summary>
    [Kernel(Source)]
    private static async Path<Errno> SnpLaunchFinish(KernelTask current, Vm vm, KvmSevCmd args)
    {
        if (vm.Type != VmType.Snp || !await current.Ask(vm, ReadSnpContext.Now)) return Errno.EINVAL;
        var errno = await SnpLaunchUpdateVmsa(current, vm, args);
        if (errno != Errno.None) return errno;
        if (vm.Machine.Faults.ShouldFail(current, FaultKind.Rmp, "SNP_LAUNCH_FINISH"))
        {
            args.Error = FirmwareFailed;
            return Errno.EIO;
        }

        await current.Ask(vm, WritePreFaultAllowed.Now);
        return Errno.None;
    }
}
