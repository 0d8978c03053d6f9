using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>What must hold of the lives of files, VMs and memslots in every scenario, without being asked for.</summary>
public static class LifetimeProperties
{
    /// <summary>Every reference on a file is given back, and none twice.</summary>
    public const string FilesBalance = "an open file is referred to by descriptors and mappings alone in the end";

    /// <summary>Every reference on a VM is given back, and none twice.</summary>
    public const string VmsBalance = "a VM is referred to by its files alone in the end";

    /// <summary>The last reference on a VM destroys it, and nobody else does.</summary>
    public const string VmsDestroyed = "a VM is destroyed once nobody refers to it, and not before";

    /// <summary>Nobody has a pointer to a VM that is destroyed.</summary>
    public const string VmsLive = "a VM is not used after it is freed";

    /// <summary>A VM that is destroyed leaves nothing behind.</summary>
    public const string NothingLeft = "a VM that is freed leaves no memslot, no mapping and no notifier";

    /// <summary>A memslot that nobody can find is freed.</summary>
    public const string MemslotsFreed = "a memslot object that is not freed is in a set of memslots in the end";

    /// <summary>Every test of bounds relies on it.</summary>
    public const string SizesStay = "a gmem inode keeps the size that it was created with";

    /// <summary>Who runs code of a module keeps it loaded.</summary>
    public const string ModuleLoaded = "no code of a module runs after it was unloaded";

    /// <summary>States all of them over the objects of a world, also over those that come while it runs.</summary>
    public static void HoldIn(World world, Machine machine, Vm[] vms, IReadOnlyList<FilesStruct> tables)
    {
        world.Always(VmsLive, () => Used(vms), [.. vms]);
        world.Always(NothingLeft, () => Left(vms), [.. vms]);

        if (machine.AnonInode is { } anon) world.Always(SizesStay, () => !anon.ChangedSize, anon);
        if (machine.Module is { } module) world.Always(ModuleLoaded, () => module.RunAfterFree, module);

        // Who takes or gives back a lock of a freed VM is not seen before the end.
        world.Finally(VmsLive, () => Used(vms));
        world.Finally(FilesBalance, () => Unbalanced(world, tables));
        world.Finally(VmsBalance, () => Unbalanced(world, vms));
        world.Finally(VmsDestroyed, () => Find(vms, vm => vm.UsersCount == 0 != vm.IsFreed)?.Name);
        world.Finally(MemslotsFreed, () => Lost(vms));
    }

    private static Vm? Find(Vm[] vms, Predicate<Vm> condition) => Array.Find(vms, condition);

    private static string? Used(Vm[] vms) =>
        Find(vms, vm => vm.UsedAfterFree is not null) is { } vm ? $"{vm} is freed, and asked: {vm.UsedAfterFree}" : null;

    private static string? Left(Vm[] vms)
    {
        foreach (var vm in vms)
        {
            if (!vm.IsFreed) continue;
            if (vm.Roots.Sum(root => root.Present) is > 0 and var present) return $"{vm}: {present} SPTEs are present";
            if (vm.Memslots.Live.Any()) return $"{vm}: {vm.Memslots.Live.First()}";
            if (vm.Mm?.HasSubscriber(vm) == true) return $"{vm}: its mmu_notifier is registered";
        }

        return null;
    }

    private static string? Unbalanced(World world, IReadOnlyList<FilesStruct> tables)
    {
        foreach (var file in world.Actors.OfType<OpenFile>())
        {
            var descriptors = tables.Sum(table => table.CountOf(file));
            var mappings = world.Actors.OfType<UserMemory>().Sum(mm => mm.Vmas.Count(vma => vma.File == file));
            if (file.RefCount != descriptors + mappings)
            {
                return $"{file} has {file.RefCount} references, {descriptors} descriptors and {mappings} mappings";
            }
        }

        return null;
    }

    // A VM without a file of its own is held by somebody who is not on the stage.
    private static string? Unbalanced(World world, Vm[] vms)
    {
        foreach (var vm in vms)
        {
            var own = world.Actors.OfType<KvmFile>().Where(file => file.Vm == vm).ToList();
            var outside = own.Exists(file => !file.IsVcpu) ? 0 : 1;
            var users = outside + own.Count(file => !file.IsDying) + world.Actors.OfType<GmemFile>().Count(file => file.Vm == vm && !file.IsFreed);
            if (vm.UsersCount != users) return $"{vm} has {vm.UsersCount} references and {users} users";
        }

        return null;
    }

    private static string? Lost(Vm[] vms)
    {
        foreach (var vm in vms)
        {
            var known = vm.Memslots.Both();
            if (vm.Memslots.Live.FirstOrDefault(slot => !known.Contains(slot)) is { } lost) return $"{vm}: {lost}";
        }

        return null;
    }
}
