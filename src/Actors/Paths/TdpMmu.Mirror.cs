using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// The mirror root of a trust domain: each change is made in the secure EPT too.
internal static partial class TdpMmu
{
    /// <summary>Makes the mirror leaf of a private fault present, with the page tables above it. mmu_lock is held shared.</summary>
    [Kernel(Source, "kvm_tdp_mmu_map")]
    private static async Path<RetPf> MapMirror(KernelTask current, PageFault fault)
    {
        var (vm, gfn) = (fault.Vm, fault.Gfn);
        for (var level = PageLevel.Level1G; level > PageLevel.Level4K; level--)
        {
            var table = await current.Ask(vm, new ReadMirrorSpte(gfn, level));
            if (table.Kind == MirrorKind.Frozen) return fault.Retry("FROZEN_SPTE");
            if (table.Kind == MirrorKind.Table) continue;
            var linked = await SetMirrorSpteAtomic(current, vm, gfn, level, table, MirrorSpte.Table(fault.ExternalSpts!.Peek()));
            if (linked != Errno.None) return fault.Retry("tdp_mmu_link_sp");
            fault.ExternalSpts!.Pop();
        }

        var old = await current.Ask(vm, new ReadMirrorSpte(gfn, PageLevel.Level4K));
        switch (old.Kind)
        {
            case MirrorKind.Frozen:
                return fault.Retry("FROZEN_SPTE");
            case MirrorKind.Leaf:
                // Private memory is mapped writable, so that a leaf allows every access.
                current.WarnOn(old.Pfn != fault.Pfn, "kvm_tdp_mmu_map: a present SPTE maps another frame");
                return RetPf.Spurious;
        }

        var mapped = await SetMirrorSpteAtomic(current, vm, gfn, PageLevel.Level4K, old, MirrorSpte.Leaf(fault.Pfn));
        return mapped == Errno.None ? RetPf.Fixed : fault.Retry("tdp_mmu_set_spte_atomic");
    }

    /// <summary>
    /// Changes a mirror SPTE under mmu_lock held shared: it is frozen, so that everybody else retries, until the TDX module has done the
    /// same or refused.
    /// </summary>
    [Kernel(Source, "__tdp_mmu_set_spte_atomic")]
    private static async Path<Errno> SetMirrorSpteAtomic(
        KernelTask current, Vm vm, Gfn gfn, PageLevel level, MirrorSpte old, MirrorSpte spte)
    {
        if (!await current.Ask(vm, new TryCmpxchgMirrorSpte(gfn, level, old, MirrorSpte.Frozen))) return Errno.EBUSY;
        var errno = spte.Kind == MirrorKind.Table
            ? await Tdx.TdxSeptMapNonleafSpte(current, vm, gfn, level, spte.Pfn)
            : await Tdx.TdxSeptMapLeafSpte(current, vm, gfn, level, spte.Pfn);
        await current.Ask(vm, new KvmTdpMmuWriteSpte(gfn, level, errno == Errno.None ? spte : old));
        return errno;
    }

    /// <summary>Takes the mirror leaves of a range away, and the pages out of the secure EPT; says whether there were any.</summary>
    /// <remarks>mmu_lock is held for write.</remarks>
    [Kernel(Source, "tdp_mmu_zap_leafs")]
    private static async Path<bool> ZapMirrorLeafs(KernelTask current, Vm vm, GfnRange range, bool mayBlock)
    {
        var flush = false;
        while (await current.Ask(vm, new NextMirrorLeaf(range)) is { } gfn)
        {
            var old = await current.Ask(vm, new ReadMirrorSpte(gfn, PageLevel.Level4K));
            range = new(gfn + 1, range.End);

            // Nobody can be in a SEAMCALL for it: that takes mmu_lock.
            if (current.WarnOn(old.Kind == MirrorKind.Frozen, "tdp_mmu_zap_leafs: FROZEN_SPTE under mmu_lock held for write")) continue;
            await current.Ask(vm, new KvmTdpMmuWriteSpte(gfn, PageLevel.Level4K, MirrorSpte.None));
            await Tdx.TdxSeptRemoveLeafSpte(current, vm, gfn, PageLevel.Level4K, old.Pfn);
            flush = true;
            if (mayBlock && range.Start.Value < range.End.Value && await TdpMmuIterCondResched(current, vm, flush)) flush = false;
        }

        return flush;
    }

    /// <summary>The roots that are left go with their VM: all but the mirror root are empty by now.</summary>
    [Kernel(Source)]
    internal static async Path KvmTdpMmuUninit(KernelTask current, Vm vm)
    {
        // Nobody else can be there, but the secure EPT's entries are removed under the write lock alone.
        var shared = vm.Machine.Kernel.Has(TdxBugs.UninitUnderReadLock);
        await current.Ask(vm, shared ? KvmMmuLock.Shared : KvmMmuLock.Exclusive);
        await ZapMirrorRoot(current, vm, shared);
        await current.Ask(vm, KvmMmuUnlock.Now);
    }

    /// <summary>The mirror root goes with its VM, whose HKID is released: its page tables are reclaimed.</summary>
    /// <param name="current">The task.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="shared">Whether mmu_lock is held for read alone, which does not do for a mirror root.</param>
    [Kernel(Source, "tdp_mmu_zap_root")]
    private static async Path ZapMirrorRoot(KernelTask current, Vm vm, bool shared)
    {
        var tables = await current.Ask(vm, MirrorTables.Now);
        var isBug = tables.Count > 0 && await KvmHost.KvmBugOn(current, vm, shared, "mirror SPTEs are removed under mmu_lock held for read");
        if (!shared) await ZapMirrorLeafs(current, vm, vm.Frames, mayBlock: false);
        foreach (var table in tables)
        {
            if (isBug)
            {
                await current.Ask(vm, new TdxLeakPage(table.ExternalSpt));
                continue;
            }

            await current.Ask(vm, new KvmTdpMmuWriteSpte(table.Gfn, table.Level, MirrorSpte.None));
            await Tdx.TdxSeptFreePrivateSpt(current, vm, table.ExternalSpt);
        }
    }
}
