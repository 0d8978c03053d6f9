using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What must hold on a machine with SEV-SNP, without being asked for.</summary>
public static class SnpProperties
{
    /// <summary>A write of the host's to a guest's page is a #PF that nothing handles.</summary>
    public const string HostLives = "the host writes no page that is a guest's";

    /// <summary>Else every access of the guest would fault.</summary>
    public const string MapsAssigned = "a private SPTE of an SNP guest maps a page that the RMP gives the guest at that address";

    /// <summary>What the RMP still gives to a guest nobody else can use.</summary>
    public const string FreedIsHosts = "a page that is freed is the host's in the RMP";

    /// <summary>The kernel does not learn of it: the page goes back to the allocator as if nothing were wrong.</summary>
    public const string ResetSucceeds = "the RMP entry of a page that is freed can be reset";

    /// <summary>A guest gets memory that is somebody's.</summary>
    public const string AssignsOwned = "a page that is given to a guest in the RMP is not free";

    /// <summary>A VMSA outlives its page in the page cache.</summary>
    public const string VmsaCached = "a vCPU enters the guest with a VMSA that is in the page cache";

    /// <summary>What a guest reads as its own nobody else has written.</summary>
    public const string ReadsOwn = "a guest's private read gives nothing that was written with another key";

    /// <summary>A page that could not be taken back is never used again.</summary>
    public const string NothingLeaked = "no page is lost in the end";

    /// <summary>Whoever gets the ASID next gets nothing of the guest that had it.</summary>
    public const string AsidsClean = "no page is assigned to a guest that is gone in the end";

    /// <summary>What is mapped for a moment is unmapped.</summary>
    public const string MappingsBalance = "no temporary mapping of the kernel is left in the end";

    /// <summary>What is measured is what user space has set.</summary>
    public const string RegsMeasured = "a vCPU begins with the registers that were set last";

    /// <summary>States all of them over the objects of a world.</summary>
    public static void HoldIn(World world, Machine machine, Vm[] vms)
    {
        var (memory, rmp, sev) = (machine.Memory, machine.Rmp!, machine.Sev!);
        Vm[] guests = [.. vms.Where(vm => vm.Type == VmType.Snp)];
        world.Always(HostLives, () => sev.Panic, sev);
        world.Always(MapsAssigned, () => MapsUnassigned(rmp, guests), [.. guests, rmp]);
        world.Always(FreedIsHosts, () => FreedAssigned(memory, rmp, sev, failed: false), memory);
        world.Always(ResetSucceeds, () => FreedAssigned(memory, rmp, sev, failed: true), memory);
        world.Always(AssignsOwned, () => AssignedFree(memory, rmp), rmp);
        world.Always(VmsaCached, () => EntersUncached(memory, rmp), rmp);
        world.Always(ReadsOwn, () => memory.GuestGarbled, memory);
        world.Finally(NothingLeaked, () => sev.Leaked.Count > 0 ? $"frame {sev.Leaked[0]} is lost" : null);
        world.Finally(AsidsClean, () => AssignedToGone(memory, rmp, sev));
        world.Finally(MappingsBalance, () => sev.KmapCount != 0 ? $"{sev.KmapCount} mappings are left" : null);
        world.Finally(RegsMeasured, () => LostRegs(guests));
    }

    private static string? MapsUnassigned(Rmp rmp, Vm[] guests)
    {
        foreach (var vm in guests)
        {
            foreach (var root in vm.Roots)
            {
                var cursor = vm.Frames.Start;
                while (root.Next(vm.Frames, ref cursor, out var gfn, out var leaf))
                {
                    if (leaf.IsPrivate && !IsGuests(rmp, vm, gfn, leaf.Pfn)) return $"{vm} maps gfn {gfn} to frame {leaf.Pfn}, which is {rmp.StateOf(leaf.Pfn)}";
                }
            }
        }

        return null;
    }

    // A nested 4K mapping of a page that the RMP has as 2M costs the guest a fault, and no more.
    private static bool IsGuests(Rmp rmp, Vm vm, Gfn gfn, Pfn pfn)
    {
        var entry = rmp.StateOf(pfn);
        return entry.Assigned && entry.Asid == vm.Asid && entry.Gfn == gfn.AlignDown(entry.Level);
    }

    private static string? FreedAssigned(PhysicalMemory memory, Rmp rmp, SevHost sev, bool failed)
    {
        if (memory.Freed is not { } pfn || memory.OwnerOf(pfn) is not null) return null;
        var entry = rmp.StateOf(pfn);
        return entry.Assigned && sev.ResetFailed(pfn) == failed ? $"frame {pfn} is free, and in the RMP {entry}" : null;
    }

    private static string? AssignedFree(PhysicalMemory memory, Rmp rmp)
    {
        if (rmp.Written is not { } written || !rmp.StateOf(written.Pfn).Assigned) return null;
        return memory.OwnerOf(written.Pfn) is null ? $"frame {written.Pfn} is free" : null;
    }

    private static string? EntersUncached(PhysicalMemory memory, Rmp rmp)
    {
        // A VMSA that KVM made is the VM's, for as long as the vCPU is there.
        if (rmp.EnteredWith is not { } pfn || memory.OwnerOf(pfn) is Vm) return null;
        return memory.OwnerOf(pfn) is GmemInode inode && inode.Caches(pfn) ? null : $"frame {pfn} left the page cache";
    }

    private static string? AssignedToGone(PhysicalMemory memory, Rmp rmp, SevHost sev)
    {
        if (sev.FreeAsids.Count == 0) return null;
        for (var i = 0; i < memory.FrameCount; i++)
        {
            var pfn = new Pfn(PhysicalMemory.First.Value + (uint)i);
            var entry = rmp.StateOf(pfn);
            if (entry.Assigned && sev.FreeAsids.Contains(entry.Asid) && !sev.Leaked.Contains(pfn)) return $"frame {pfn} is {entry}";
        }

        return null;
    }

    private static string? LostRegs(Vm[] guests)
    {
        foreach (var vm in guests)
        {
            foreach (var vcpu in vm.Vcpus)
            {
                if (vcpu.LostRegs) return $"{vcpu} begins with other registers";
            }
        }

        return null;
    }
}
