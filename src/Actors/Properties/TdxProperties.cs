using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What must hold wherever there are trust domains.</summary>
public static class TdxProperties
{
    /// <summary>No page is in two hands: what the TDX module still has is not to be had from the allocator.</summary>
    public const string FreeIsHosts = "a page that is free is no trust domain's";

    /// <summary>KVM's copy of the secure EPT tells the truth.</summary>
    public const string MirrorAgrees = "the mirror root and the secure EPT agree";

    /// <summary>A trust domain has pages of the page cache alone.</summary>
    public const string MapsCached = "a page of the secure EPT is in the page cache";

    /// <summary>A conversion leaves no private page behind.</summary>
    public const string MapsPrivate = "a mirror SPTE is of a private frame";

    /// <summary>The host leaves a page alone that a trust domain has accepted.</summary>
    public const string WrittenByGuest = "a page that a trust domain has accepted is written with its key alone";

    /// <summary>What a trust domain reads it has written itself, or it is zero.</summary>
    public const string ReadsOwn = "nobody reads what was written with another key";

    /// <summary>Poison is not consumed.</summary>
    public const string NoMachineCheck = "no poison is read";

    /// <summary>KVM does nothing that it takes for a bug of its own.</summary>
    public const string NeverBugged = "KVM_BUG never fires";

    /// <summary>A trust domain that did what its host asks of it goes on.</summary>
    public const string KeepsPages = "a trust domain does not find a page pending that it has accepted";

    /// <summary>What KVM gave up is told apart from what it lost.</summary>
    public const string AllReclaimed = "every page of a trust domain that is gone is the host's again, or known to be lost";

    /// <summary>Nothing is given up.</summary>
    public const string NothingLeaks = "no page of a trust domain is given up";

    /// <summary>States all of them over the objects of a world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="machine">The machine, which has a TDX module.</param>
    /// <param name="vms">The VMs, trust domains and others.</param>
    /// <param name="inodes">The inodes of guest memory.</param>
    public static void HoldIn(World world, Machine machine, Vm[] vms, GmemInode[] inodes)
    {
        var (memory, tdx) = (machine.Memory, machine.Tdx!);
        Vm[] tds = [.. vms.Where(vm => vm.Type == VmType.Tdx)];
        world.Always(NeverBugged, () => Find(tds, vm => vm.BuggedBy is null, vm => $"{vm}: {vm.BuggedBy}"), [.. tds]);
        world.Always(FreeIsHosts, () => HasFree(memory, tdx), memory, tdx);
        world.Always(MirrorAgrees, () => Disagrees(tdx, tds), [.. tds, tdx]);
        world.Always(MapsCached, () => MapsUncached(memory, tds), [.. tds, memory, .. inodes]);
        world.Always(MapsPrivate, () => MapsShared(tds), [.. tds]);
        world.Always(WrittenByGuest, () => WrittenByOther(memory, tdx, tds), memory);
        world.Always(NoMachineCheck, () => memory.MachineCheck, memory);
        world.Always(ReadsOwn, () => memory.Garbled, memory);
        world.Finally(AllReclaimed, () => Lost(memory, tdx, tds));
        if (machine.Faults.Kinds == FaultKind.None) world.Finally(NothingLeaks, () => Find(tds, vm => vm.Tdx.Leaked.Count == 0, Leaks));
    }

    /// <summary>States that a trust domain, whose private memory nobody takes away, keeps it.</summary>
    public static void KeepsPagesIn(World world, Vm vm) =>
        world.Always(KeepsPages, () => vm.IsDead && vm.BuggedBy is null ? $"{vm} is dead" : null, vm);

    private static string? Find(Vm[] vms, Func<Vm, bool> holds, Func<Vm, string> violation)
    {
        foreach (var vm in vms)
        {
            if (!holds(vm)) return violation(vm);
        }

        return null;
    }

    private static string Leaks(Vm vm) => $"{vm} gave up {vm.Tdx.Leaked.Count} pages";

    private static string? HasFree(PhysicalMemory memory, TdxModule tdx)
    {
        for (var i = 0u; i < (uint)memory.FrameCount; i++)
        {
            var pfn = new Pfn(PhysicalMemory.First.Value + i);
            var type = tdx.TypeOf(pfn);
            if (type != PamtPageType.Nda && memory.OwnerOf(pfn) is null) return $"frame {pfn} is free and {type} of a trust domain";
        }

        return null;
    }

    // Whoever changes both holds mmu_lock for write, or has frozen the entry.
    private static string? Disagrees(TdxModule tdx, Vm[] tds)
    {
        foreach (var vm in tds)
        {
            if (vm.Tdx.Td is not { } td || vm.IsInZap || vm.BuggedBy is not null) continue;
            var leaves = vm.Mirror!.Leaves;
            for (var i = 0; i < leaves.Length; i++)
            {
                if (leaves[i].Kind == MirrorKind.Frozen) continue;
                var gfn = vm.Frames.Start + (ulong)i;
                Pfn? mirrored = leaves[i].Kind == MirrorKind.Leaf ? leaves[i].Pfn : null;
                var real = tdx.LeafOf(td.Tdr, gfn);
                if (mirrored != real) return $"{vm}: gfn {gfn} is {Text(mirrored)} in the mirror and {Text(real)} in the secure EPT";
            }
        }

        return null;
    }

    private static string Text(Pfn? pfn) => pfn is { } some ? $"frame {some}" : "nothing";

    private static string? MapsUncached(PhysicalMemory memory, Vm[] tds)
    {
        foreach (var vm in tds)
        {
            if (vm.IsInZap || vm.BuggedBy is not null) continue;
            var leaves = vm.Mirror!.Leaves;
            for (var i = 0; i < leaves.Length; i++)
            {
                if (leaves[i].Kind != MirrorKind.Leaf) continue;
                var pfn = leaves[i].Pfn;
                if (memory.OwnerOf(pfn) is GmemInode inode && inode.Caches(pfn) && inode.HasFileOf(vm)) continue;
                return $"{vm} has frame {pfn} at gfn {vm.Frames.Start + (ulong)i}, which is in no page cache";
            }
        }

        return null;
    }

    // While an invalidation is open, what is stored and what is mapped change one after the other.
    private static string? MapsShared(Vm[] tds)
    {
        foreach (var vm in tds)
        {
            if (vm.Invalidation.InProgress != 0 || vm.BuggedBy is not null) continue;
            var leaves = vm.Mirror!.Leaves;
            for (var i = 0; i < leaves.Length; i++)
            {
                var gfn = vm.Frames.Start + (ulong)i;
                if (leaves[i].Kind == MirrorKind.Leaf && !vm.Attributes.IsPrivate(gfn)) return $"{vm} has a private page at gfn {gfn}, which is shared";
            }
        }

        return null;
    }

    private static string? WrittenByOther(PhysicalMemory memory, TdxModule tdx, Vm[] tds)
    {
        foreach (var vm in tds)
        {
            if (vm.Tdx is not { Td: { } td, State: TdState.Runnable }) continue;
            var leaves = vm.Mirror!.Leaves;
            for (var i = 0; i < leaves.Length; i++)
            {
                var gfn = vm.Frames.Start + (ulong)i;
                if (tdx.LeafOf(td.Tdr, gfn) is not { } pfn || tdx.SeptStateOf(td.Tdr, gfn, PageLevel.Level4K) != SeptState.Mapped) continue;
                var content = memory.ContentOf(pfn, td.Hkid.Key);
                if (content.Key == td.Hkid.Key && content.Kind != ContentKind.Poison) continue;
                return $"frame {pfn}, which {vm} has at gfn {gfn}, holds {content}";
            }
        }

        return null;
    }

    private static string? Lost(PhysicalMemory memory, TdxModule tdx, Vm[] tds)
    {
        for (var i = 0u; i < (uint)memory.FrameCount; i++)
        {
            var pfn = new Pfn(PhysicalMemory.First.Value + i);
            if (tdx.OwnerOf(pfn) is not { } tdr) continue;
            var vm = Array.Find(tds, vm => vm.Tdx.Tdr == tdr);
            if (vm is { IsFreed: false } || Array.Exists(tds, td => td.Tdx.Leaked.Contains(pfn))) continue;
            return $"frame {pfn} is still a trust domain's, whose VM is gone";
        }

        return null;
    }
}
