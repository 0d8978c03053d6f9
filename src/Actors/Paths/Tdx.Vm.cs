using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

public static partial class Tdx
{
    /// <summary>KVM_TDX_INIT_VM: the trust domain gets its root, its key and its control structure.</summary>
    [Kernel(Source)]
    private static async Path<Errno> TdxTdInit(KernelTask current, Vm vm, uint flags)
    {
        if ((await current.Ask(vm, ReadKvmTdx.Now)).State != TdState.Uninitialized) return Errno.EINVAL;
        if (flags != 0) return Errno.EINVAL;
        var errno = await TdInit(current, vm);
        if (errno == Errno.None) await current.Ask(vm, new WriteTdState(TdState.Initialized));
        return errno;
    }

    /// <summary>The same without its checks: whatever fails, all that was done is undone.</summary>
    /// <remarks>Simplified: every package has a processor that is online, and stays so: cpus_read_lock is not modelled.</remarks>
    [Kernel(Source, "__tdx_td_init")]
    private static async Path<Errno> TdInit(KernelTask current, Vm vm)
    {
        var machine = vm.Machine;
        var hkid = await TdxHost.TdxGuestKeyidAlloc(current, machine);
        if (hkid.IsErr) return hkid.Errno;
        await current.Ask(vm, new WriteHkid(hkid.Value));
        var tdr = await AllocPage(current, vm);
        var tdcs = tdr is null ? null : await AllocPage(current, vm);
        if (tdcs is null)
        {
            if (tdr is { } lone) await current.Ask(machine.Memory, new FreePage(lone));
            await TdxHkidFree(current, vm);
            return Errno.ENOMEM;
        }

        // Two trust domains that are created at once would meet at the key ownership table.
        await current.Ask(machine.TdxKeyIds!, MutexLockTdx.Now);
        var err = await TdxHost.Seamcall(current, machine, new TdhMngCreate(tdr!.Value, hkid.Value));
        await current.Ask(machine.TdxKeyIds!, MutexUnlockTdx.Now);
        if (current.WarnOn(err != TdxStatus.Success, $"SEAMCALL TDH_MNG_CREATE failed: {err}"))
        {
            await current.Ask(machine.Memory, new FreePage(tdr.Value));
            await current.Ask(machine.Memory, new FreePage(tdcs.Value));
            await TdxHkidFree(current, vm);
            return Errno.EIO;
        }

        await current.Ask(vm, new WriteTdr(tdr));
        var errno = await ConfigureTd(current, vm, tdr.Value, tdcs.Value);
        if (errno == Errno.None) return errno;
        if (await current.Ask(vm, ReadTdcs.Now) is null) await current.Ask(machine.Memory, new FreePage(tdcs.Value));
        await TdxMmuReleaseHkid(current, vm);
        await TdxReclaimTdControlPages(current, vm);
        return errno;
    }

    [Kernel(Source, "__tdx_td_init")]
    private static async Path<Errno> ConfigureTd(KernelTask current, Vm vm, Pfn tdr, Pfn tdcs)
    {
        var machine = vm.Machine;
        for (var package = 0; package < machine.Options.Packages; package++)
        {
            var configured = await TdxHost.Seamcall(current, machine, new TdhMngKeyConfig(tdr, package));
            if (await TdxBugOn(current, vm, configured, "TDH_MNG_KEY_CONFIG")) return Errno.EIO;
        }

        var added = await TdxHost.Seamcall(current, machine, new TdhMngAddcx(tdr, tdcs));
        if (current.WarnOn(added != TdxStatus.Success, $"SEAMCALL TDH_MNG_ADDCX failed: {added}")) return Errno.EIO;
        await current.Ask(vm, new WriteTdcs(tdcs));
        var err = await TdxHost.Seamcall(current, machine, new TdhMngInit(tdr));
        if (err.Code == TdxCode.OperandInvalid) return Errno.EINVAL;
        return current.WarnOn(err != TdxStatus.Success, $"SEAMCALL TDH_MNG_INIT failed: {err}") ? Errno.EIO : Errno.None;
    }

    /// <summary>KVM_TDX_FINALIZE_VM: no page can be added any more, and vCPUs can enter. All of the VM's locks are held.</summary>
    [Kernel(Source)]
    private static async Path<Errno> TdxTdFinalize(KernelTask current, Vm vm)
    {
        var state = await current.Ask(vm, ReadKvmTdx.Now);
        if (!state.IsHkidAssigned || state.State == TdState.Runnable) return Errno.EINVAL;
        var td = await current.Ask(vm, ReadTd.Now);
        var err = await TdxHost.Seamcall(current, vm.Machine, new TdhMrFinalize(td!.Tdr));
        if (err.Code == TdxCode.OperandBusy) return Errno.EBUSY;
        if (await TdxBugOn(current, vm, err, "TDH_MR_FINALIZE")) return Errno.EIO;
        await current.Ask(vm, new WriteTdState(TdState.Runnable));

        // After the state: who sees this allowed must map with PAGE.AUG.
        await current.Ask(vm, WritePreFaultAllowed.Now);
        return Errno.None;
    }

    /// <summary>The trust domain gives its HKID back, if every vCPU has left its processor; else its pages are lost.</summary>
    /// <remarks>Simplified: cpus_read_lock is not modelled; CACHE.WB is never interrupted.</remarks>
    [Kernel(Source)]
    internal static async Path TdxMmuReleaseHkid(KernelTask current, Vm vm)
    {
        var machine = vm.Machine;
        if (!(await current.Ask(vm, ReadKvmTdx.Now)).IsHkidAssigned) return;
        if (await current.Ask(vm, ReadTd.Now) is not { } td)
        {
            await TdxHkidFree(current, vm);
            return;
        }

        foreach (var vcpu in await current.Ask(vm, KvmForEachVcpu.Now)) await TdxFlushVpOnCpu(current, vcpu);

        // CACHE.WB names no trust domain: two that end at once would meet at the key ownership table.
        await current.Ask(machine.TdxKeyIds!, MutexLockTdx.Now);
        await ReleaseFlushedHkid(current, vm, td.Tdr);
        await current.Ask(machine.TdxKeyIds!, MutexUnlockTdx.Now);
    }

    [Kernel(Source, "tdx_mmu_release_hkid")]
    private static async Path ReleaseFlushedHkid(KernelTask current, Vm vm, Pfn tdr)
    {
        var machine = vm.Machine;
        var err = await TdxHost.Seamcall(current, machine, new TdhMngVpflushdone(tdr));

        // Somebody still runs: nothing is said, and everything leaks.
        if (err.Code == TdxCode.FlushvpNotDone) return;
        if (await TdxBugOn(current, vm, err, "TDH_MNG_VPFLUSHDONE")) return;
        for (var package = 0; package < machine.Options.Packages; package++)
        {
            var written = await TdxHost.Seamcall(current, machine, new TdhPhymemCacheWb(package));

            // Nothing to do: another trust domain's end has done it.
            if (written.Code == TdxCode.NoHkidReadyToWbcache) continue;
            current.WarnOn(written != TdxStatus.Success, $"SEAMCALL TDH_PHYMEM_CACHE_WB failed: {written}");
        }

        // Fails if one of the packages did.
        err = await TdxHost.Seamcall(current, machine, new TdhMngKeyFreeid(tdr));
        if (!await TdxBugOn(current, vm, err, "TDH_MNG_KEY_FREEID")) await TdxHkidFree(current, vm);
    }

    /// <summary>The last of a trust domain: its control structure and its root are the host's again.</summary>
    [Kernel(Source)]
    internal static async Path TdxVmDestroy(KernelTask current, Vm vm)
    {
        await TdxReclaimTdControlPages(current, vm);
        await current.Ask(vm, new WriteTdState(TdState.Uninitialized));
    }

    [Kernel(Source)]
    private static async Path TdxReclaimTdControlPages(KernelTask current, Vm vm)
    {
        // The pages cannot be reclaimed, and are lost.
        var td = await current.Ask(vm, ReadTd.Now);
        var tdcs = await current.Ask(vm, ReadTdcs.Now);
        if ((await current.Ask(vm, ReadKvmTdx.Now)).IsHkidAssigned)
        {
            if (tdcs is { } lost) await current.Ask(vm, new TdxLeakPage(lost));
            if (td is not null) await current.Ask(vm, new TdxLeakPage(td.Tdr));
            return;
        }

        if (tdcs is { } page)
        {
            await TdxReclaimControlPage(current, vm, page);
            await current.Ask(vm, new WriteTdcs(null));
        }

        if (td is null) return;
        if (await TdxReclaim(current, vm, td.Tdr))
        {
            var err = await TdxHost.Seamcall(current, vm.Machine, new TdhPhymemPageWbinvd(td.Tdr));
            if (!await TdxBugOn(current, vm, err, "TDH_PHYMEM_PAGE_WBINVD"))
            {
                await TdxHost.TdxQuirkResetPage(current, vm.Machine, td.Tdr);
                await current.Ask(vm.Machine.Memory, new FreePage(td.Tdr));
                await current.Ask(vm, new WriteTdr(null));
                return;
            }
        }

        await current.Ask(vm, new TdxLeakPage(td.Tdr));
    }

    /// <summary>A page of the trust domain's control structures is freed, or lost if the module does not let it go.</summary>
    [Kernel(Source)]
    private static async Path TdxReclaimControlPage(KernelTask current, Vm vm, Pfn page)
    {
        if (!await TdxReclaim(current, vm, page))
        {
            await current.Ask(vm, new TdxLeakPage(page));
            return;
        }

        await TdxHost.TdxQuirkResetPage(current, vm.Machine, page);
        await current.Ask(vm.Machine.Memory, new FreePage(page));
    }

    [Kernel(Source, "__tdx_reclaim_page")]
    private static async Path<bool> TdxReclaim(KernelTask current, Vm vm, Pfn page)
    {
        var err = await TdxHost.Seamcall(current, vm.Machine, new TdhPhymemPageReclaim(page));
        return !current.WarnOn(err != TdxStatus.Success, $"SEAMCALL TDH_PHYMEM_PAGE_RECLAIM failed: {err}");
    }

    [Kernel(Source)]
    private static async Path TdxHkidFree(KernelTask current, Vm vm)
    {
        var hkid = await current.Ask(vm, ReadHkid.Now);
        await TdxHost.TdxGuestKeyidFree(current, vm.Machine, hkid!.Value);
        await current.Ask(vm, new WriteHkid(null));
    }

    [Kernel("mm/page_alloc.c", "alloc_page")]
    private static async Path<Pfn?> AllocPage(KernelTask current, Vm vm)
    {
        if (vm.Machine.Faults.ShouldFail(current, FaultKind.Allocation, "alloc_page")) return null;
        return await current.Ask(vm.Machine.Memory, new AllocPage(vm));
    }
}
