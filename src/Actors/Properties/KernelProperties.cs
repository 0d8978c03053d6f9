using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What must hold in every scenario, without being asked for.</summary>
/// <remarks>
/// Some the kernel asserts itself, in virt/kvm/kvm_main.c; the others follow from what its paths rely on. There is no
/// transitional state to be excused: a hole takes the SPTEs away before it frees a page, and what faults in between is told to
/// retry, so that no step shows a mapping of a freed page.
/// </remarks>
public static class KernelProperties
{
    /// <summary>Nobody ends what was not begun: a KVM_BUG of kvm_mmu_invalidate_end().</summary>
    public const string NeverNegative = "mmu_invalidate_in_progress is never negative";

    /// <summary>Nobody begins what is not ended: a WARN of kvm_destroy_vm().</summary>
    public const string NothingInProgress = "no invalidation is left in progress";

    /// <summary>A range means nothing outside begin and end: a WARN of kvm_mmu_invalidate_range_add().</summary>
    public const string AddedInside = "ranges are added only while an invalidation is in progress";

    /// <summary>Without a range every fault retries meanwhile: a WARN of kvm_mmu_invalidate_end().</summary>
    public const string EndsWithRange = "an invalidation that ends has a range";

    /// <summary>The guest cannot reach a page that left the file.</summary>
    public const string MapsCached = "a present SPTE maps a page of the page cache";

    /// <summary>Nor can it through a translation that its processor has cached: a flush comes before the page goes.</summary>
    public const string TlbsCached = "a TLB entry translates to a page that the guest has";

    /// <summary>A huge page is known to be of both kinds if it is, and only then.</summary>
    public const string MixedFlags = "the MIXED flag of a huge page says whether its frames are of both kinds";

    /// <summary>A conversion leaves no mapping of the old kind behind.</summary>
    public const string KindsMatch = "a present SPTE is of its frame's kind";

    /// <summary>The guest cannot reach a page that user space has unmapped: what the mmu_notifier is for.</summary>
    public const string MapsUsers = "a shared SPTE maps a page that the user has mapped";

    /// <summary>User space cannot reach a page that left the file.</summary>
    public const string UsersMapCached = "a page of a file that a user has mapped is in the page cache";

    /// <summary>User space cannot reach a page that was made private: a conversion takes it away first.</summary>
    public const string UsersMapShared = "a page of a file that a user has mapped is shared";

    /// <summary>A file outlives its bindings, or they are taken back.</summary>
    public const string BindingsLive = "a binding is of a memslot that is not freed";

    /// <summary>A memslot has no reference on its file, so release must clear the pointer.</summary>
    public const string FilesLive = "a memslot's gmem.file is a file of its VM that is not freed";

    /// <summary>No use after free, no double free, nothing of an earlier owner to be read.</summary>
    public const string OwnMemory = "memory is used by its owner alone and freed once";

    /// <summary>Every reference on a folio is given back.</summary>
    public const string FoliosBalance = "a folio is referred to by the page cache and its mappings alone in the end";

    /// <summary>Every reference on a page of the user is given back.</summary>
    public const string UserPagesBalance = "a page of the user is referred to by its mapping alone in the end";

    /// <summary>A frame belongs to an inode as long as a folio of it does.</summary>
    public const string FramesBalance = "every frame of an inode is a folio's in the end";

    /// <summary>What a hole was punched for.</summary>
    public const string HolesAreEmpty = "a hole leaves no page behind that was there before it";

    /// <summary>And for no more.</summary>
    public const string HolesStayInside = "a hole takes no page that is outside it";

    /// <summary>States all of them over the objects of a world.</summary>
    public static void HoldIn(World world, PhysicalMemory memory, Vm[] vms, GmemInode[] inodes, GmemFile[] files)
    {
        world.Always(NeverNegative, () => Find(vms, vm => vm.Invalidation.InProgress >= 0, InProgress), [.. vms]);
        world.Always(AddedInside, () => Find(vms, vm => !vm.Invalidation.AddedOutside, Name), [.. vms]);
        world.Always(EndsWithRange, () => Find(vms, vm => !vm.Invalidation.EndedWithoutRange, Name), [.. vms]);
        world.Always(MapsCached, () => MapsUncached(memory, vms), [.. vms, .. inodes]);
        UserMemory[] mms = [.. vms.Select(vm => vm.Mm).OfType<UserMemory>().Distinct()];
        world.Always(MapsUsers, () => MapsUnmapped(vms), [.. vms, .. mms]);
        if (mms.Length > 0) world.Always(UsersMapCached, () => MapsTruncated(mms), [.. mms, .. inodes]);
        var inodesOfKind = vms.Any(vm => vm.Machine.Kernel.AttributesInInode) ? inodes : [];
        if (mms.Length > 0 && inodesOfKind.Length > 0) world.Always(UsersMapShared, () => MapsPrivate(mms), [.. mms, .. inodes]);
        world.Always(TlbsCached, () => CachesFreed(memory, vms), [.. vms, .. inodes, .. mms]);
        world.Always(MixedFlags, () => WrongMixedFlag(vms), [.. vms]);
        world.Always(KindsMatch, () => MapsWrongKind(vms), [.. vms, .. inodesOfKind]);
        world.Always(BindingsLive, () => BindsFreed(files), [.. vms, .. files]);
        world.Always(FilesLive, () => NamesFreed(vms), [.. vms, .. files]);
        world.Always(OwnMemory, () => memory.Misuse, memory);

        // Of a VM that is destroyed the kernel says it itself, which knows of notifiers that were not allowed to end.
        world.Finally(NothingInProgress, () => Find(vms, vm => vm.IsFreed || vm.Invalidation.InProgress == 0, InProgress));
        world.Finally(FoliosBalance, () => Referred(inodes));
        world.Finally(UserPagesBalance, () => Array.Find(mms, mm => mm.HasExtraReference)?.Name);
        world.Finally(FramesBalance, () => Lost(memory, inodes));
        world.Finally(HolesStayInside, () => Array.Find(inodes, inode => inode.TakenOutside is not null)?.TakenOutside);
        world.Finally(HolesAreEmpty, () => Array.Find(inodes, inode => inode.LeftBehind is not null)?.LeftBehind);
    }

    private static string? Find(Vm[] vms, Func<Vm, bool> holds, Func<Vm, string> violation)
    {
        foreach (var vm in vms)
        {
            if (!holds(vm)) return violation(vm);
        }

        return null;
    }

    private static string Name(Vm vm) => vm.Name;

    private static string InProgress(Vm vm) => $"{vm}: mmu_invalidate_in_progress is {vm.Invalidation.InProgress}";

    private static string? MapsUncached(PhysicalMemory memory, Vm[] vms)
    {
        foreach (var vm in vms)
        {
            foreach (var root in vm.Roots)
            {
                var cursor = vm.Frames.Start;
                while (root.Next(vm.Frames, ref cursor, out var gfn, out var leaf))
                {
                    if (IsOfFile(memory, leaf) && !IsCachedFor(memory, vm, leaf.Pfn)) return Uncached(memory, vm, "maps", gfn, leaf.Pfn);
                }
            }
        }

        return null;
    }

    // Shared memory is the user's, or the file's where that serves all faults.
    private static bool IsOfFile(PhysicalMemory memory, Spte leaf) => leaf.IsPrivate || memory.OwnerOf(leaf.Pfn) is GmemInode;

    private static bool IsCachedFor(PhysicalMemory memory, Vm vm, Pfn pfn) =>
        memory.OwnerOf(pfn) is GmemInode owner && owner.Caches(pfn) && owner.HasFileOf(vm);

    private static string Uncached(PhysicalMemory memory, Vm vm, string has, Gfn gfn, Pfn pfn)
    {
        var state = memory.OwnerOf(pfn) is not GmemInode owner ? "is free"
            : owner.Caches(pfn) ? $"is {owner}'s"
            : $"left the page cache of {owner}";
        return $"{vm} {has} gfn {gfn} to frame {pfn}, which {state}";
    }

    private static string? MapsTruncated(UserMemory[] mms)
    {
        foreach (var mm in mms)
        {
            for (var i = 0; i < mm.Vmas.Count; i++)
            {
                foreach (var pte in mm.Vmas[i].Ptes)
                {
                    if (pte is { } pfn && !mm.Vmas[i].File.Inode.Caches(pfn)) return $"{mm} maps frame {pfn} through {mm.Vmas[i]}";
                }
            }
        }

        return null;
    }

    private static string? MapsPrivate(UserMemory[] mms)
    {
        foreach (var mm in mms)
        {
            foreach (var vma in mm.Vmas)
            {
                for (var i = 0; i < vma.Ptes.Length; i++)
                {
                    var isPrivate = vma.File.Inode.Attributes.At(vma.First + (ulong)i) != KvmMemoryAttributes.None;
                    if (isPrivate && vma.Ptes[i] is { } pfn) return $"{mm} maps frame {pfn} through {vma}, which is private";
                }
            }
        }

        return null;
    }

    private static string? MapsUnmapped(Vm[] vms)
    {
        foreach (var vm in vms)
        {
            foreach (var root in vm.Roots)
            {
                var cursor = vm.Frames.Start;
                while (root.Next(vm.Frames, ref cursor, out _, out var leaf))
                {
                    if (!IsOfFile(vm.Machine.Memory, leaf) && vm.Mm?.Maps(leaf.Pfn) != true) return $"{vm} maps frame {leaf.Pfn}, which the user has not";
                }
            }
        }

        return null;
    }

    // What a processor has cached matters while its guest runs: one that has been asked to flush does so before it goes on.
    private static string? CachesFreed(PhysicalMemory memory, Vm[] vms)
    {
        foreach (var vm in vms)
        {
            for (var i = 0; i < vm.Vcpus.Count; i++)
            {
                var vcpu = vm.Vcpus[i];
                if (!vcpu.Cpu.InGuestMode || vcpu.Requests != VcpuRequests.None || vcpu.Cpu.HasIpiPending) continue;
                for (var entry = 0; entry < vcpu.Cpu.TlbCount; entry++)
                {
                    var (gfn, translation) = vcpu.Cpu.TlbEntry(entry);
                    if (IsCachedFor(memory, vm, translation.Pfn) || vm.Mm?.Maps(translation.Pfn) == true) continue;
                    return Uncached(memory, vm, $"has in the TLB of {vcpu}", gfn, translation.Pfn);
                }
            }
        }

        return null;
    }

    // While an invalidation is open, what is stored and what is mapped change one after the other.
    private static string? MapsWrongKind(Vm[] vms)
    {
        foreach (var vm in vms)
        {
            if (vm.Invalidation.InProgress != 0) continue;
            foreach (var root in vm.Roots)
            {
                var cursor = vm.Frames.Start;
                while (root.Next(vm.Frames, ref cursor, out var gfn, out var leaf))
                {
                    var attributes = leaf.IsPrivate ? KvmMemoryAttributes.Private : KvmMemoryAttributes.None;
                    if (!vm.HasOther(new(gfn, gfn + leaf.Level.Pages()), attributes)) continue;
                    return $"{vm} maps gfn {gfn} {(leaf.IsPrivate ? "private" : "shared")}, which it is not";
                }
            }
        }

        return null;
    }

    // The flags follow the attributes before mmu_lock is dropped, with the invalidation ended already.
    private static string? WrongMixedFlag(Vm[] vms)
    {
        foreach (var vm in vms)
        {
            if (vm.Invalidation.InProgress == 0 && !vm.HasMmuWriter && vm.WrongMixedFlag() is { } wrong) return wrong;
        }

        return null;
    }

    private static string? BindsFreed(GmemFile[] files)
    {
        foreach (var file in files)
        {
            // A file that left its inode's list is at the end of its release: nobody reads its bindings any more.
            if (!file.Inode.Has(file)) continue;
            foreach (var slot in file.Bindings)
            {
                if (file.Vm.Memslots.IsFreed(slot)) return $"{file} is bound to {slot}, which is freed";
            }
        }

        return null;
    }

    private static string? NamesFreed(Vm[] vms)
    {
        foreach (var vm in vms)
        {
            for (var i = 0; i < vm.Memslots.ObjectCount; i++)
            {
                if (vm.Memslots.FileOf(i) is not { } file) continue;
                if (file.IsFreed || file.Vm != vm) return $"a memslot of {vm} names {file}";
            }
        }

        return null;
    }

    private static string? Referred(GmemInode[] inodes)
    {
        foreach (var inode in inodes)
        {
            foreach (var folio in inode.Folios)
            {
                // Whoever handled the failure of a folio's memory keeps a reference, so that nobody gets it again.
                var kept = folio.IsHwpoison ? 1 : 0;
                if (folio.RefCount == (folio.IsInCache ? 1 : 0) + folio.MapCount + kept && folio.RefCount > 0) continue;
                return $"frame {folio.Pfn} of {inode} has {folio.RefCount} references";
            }
        }

        return null;
    }

    private static string? Lost(PhysicalMemory memory, GmemInode[] inodes)
    {
        foreach (var inode in inodes)
        {
            var lost = memory.CountOf(inode) - inode.Folios.Sum(folio => (int)folio.PageCount);
            if (lost != 0) return $"{lost} frames of {inode} are lost";
        }

        return null;
    }
}
