using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>arch/x86/kvm/mmu/tdp_mmu.c: the page tables that faults change together.</summary>
internal static class TdpMmu
{
    private const string Source = "arch/x86/kvm/mmu/tdp_mmu.c";

    /// <summary>
    /// Makes the leaf SPTE of a fault present. mmu_lock is held shared: others may change the same entries.
    /// </summary>
    [Kernel(Source)]
    internal static async Path<RetPf> KvmTdpMmuMap(KernelTask current, PageFault fault)
    {
        var (vm, vcpu, gfn) = (fault.Vm, fault.Vcpu, fault.Gfn);
        await Mmu.KvmMmuHugepageAdjust(current, fault);
        var old = await current.Ask(vm, new ReadSpte(vcpu, gfn, PageLevel.Level2M));
        if (fault.GoalLevel < PageLevel.Level2M && !old.IsTable)
        {
            if (old.IsFrozen) return fault.Retry("is_frozen_spte");

            // A huge leaf is split: its pages stay mapped, 4K each.
            if (!await TdpMmuLinkSp(current, fault, old)) return fault.Retry("tdp_mmu_link_sp");
        }

        return await TdpMmuMapHandleTargetLevel(current, fault);
    }

    /// <summary>Takes the leaves of a range away, in every root; says whether a flush is due. mmu_lock is held.</summary>
    /// <param name="current">The task.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="range">The frames.</param>
    /// <param name="mayBlock">Whether mmu_lock may be dropped on the way, while somebody waits for it.</param>
    [Kernel(Source)]
    internal static async Path<bool> KvmTdpMmuUnmapGfnRange(KernelTask current, Vm vm, GfnRange range, bool mayBlock)
    {
        var flush = false;
        while (true)
        {
            var zapped = await current.Ask(vm, new TdpMmuZapNextLeaf(range));
            flush |= zapped != ZappedLeaf.None;
            if (zapped != ZappedLeaf.AndThereIsMore) return flush;
            if (mayBlock && await TdpMmuIterCondResched(current, vm, flush)) flush = false;
        }
    }

    /// <summary>What is below the roots that were made invalid goes. No flush: nobody runs on them.</summary>
    /// <remarks>Simplified: a root goes in one step, so that there is nothing to yield in.</remarks>
    [Kernel(Source)]
    internal static async Path KvmTdpMmuZapInvalidatedRoots(KernelTask current, Vm vm)
    {
        await current.Ask(vm, KvmMmuLock.Shared);
        while (await current.Ask(vm, TdpMmuZapInvalidRoot.Now))
        {
        }

        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>Drops mmu_lock for those who wait for it, and flushes before; says whether it did. Something was done since the last time.</summary>
    /// <remarks>Simplified: need_resched() alone does not make it yield: who comes while nobody waits could as well have come before.</remarks>
    [Kernel(Source)]
    private static async Path<bool> TdpMmuIterCondResched(KernelTask current, Vm vm, bool flush)
    {
        if (!await current.Ask(vm, RwlockNeedbreak.Now)) return false;
        if (flush) await KvmMain.KvmFlushRemoteTlbs(current, vm);
        current.Mark(Events.ZapYielded);
        await current.Ask(vm, KvmMmuUnlock.Now);
        await current.Ask(vm, KvmMmuLock.Exclusive);
        return true;
    }

    /// <summary>Puts a table in the place of a 2M entry; says whether nobody was first.</summary>
    /// <remarks>Simplified: the page of the table is there: it comes from a cache that was filled before mmu_lock was taken.</remarks>
    [Kernel(Source)]
    private static async Path<bool> TdpMmuLinkSp(KernelTask current, PageFault fault, Spte old) =>
        await current.Ask(fault.Vm, new TryCmpxchgSpte(fault.Vcpu, fault.Gfn, PageLevel.Level2M, old, Spte.Table));

    /// <summary>Installs the leaf.</summary>
    [Kernel(Source)]
    private static async Path<RetPf> TdpMmuMapHandleTargetLevel(KernelTask current, PageFault fault)
    {
        var (vm, vcpu, level) = (fault.Vm, fault.Vcpu, fault.GoalLevel);
        var spte = Spte.Leaf(fault.Pfn.AlignDown(level), fault.IsPrivate, level, fault.MapsWritable);
        var old = await current.Ask(vm, new ReadSpte(vcpu, fault.Gfn, level));
        if (old.IsFrozen) return fault.Retry("is_frozen_spte");
        if (old == spte) return RetPf.Spurious;
        var isOther = current.WarnOn(old.IsLeaf && old.Pfn != spte.Pfn, "BUG: a present SPTE is replaced by one of another frame");
        if (vm.Machine.Kernel.KeepsPresentSpte && old.IsLeaf && (fault.IsPrefetch || isOther || old.IsWritable)) return RetPf.Spurious;
        if (!await current.Ask(vm, new TryCmpxchgSpte(vcpu, fault.Gfn, level, old, spte)))
        {
            return fault.Retry("tdp_mmu_set_spte_atomic");
        }

        // The pages of the table that was there may still be cached, 4K each.
        if (old.IsTable) await KvmMain.KvmFlushRemoteTlbs(current, vm);
        return RetPf.Fixed;
    }
}
