using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Random;

/// <summary>A thread of user space that makes system calls, each drawn when the one before has returned. They may fail.</summary>
internal static class RandomCalls
{
    private const int MostCalls = 4;
    private const int Descriptors = 3;

    private static readonly Func<KernelTask, RandomSetting, Path<string>>[] Calls =
        [Punch, Punch, Allocate, Convert, Convert, Delete, Create, Create, Dontneed, Prefault, Close, NewFile];

    /// <summary>Makes a few of them.</summary>
    internal static async Path Run(KernelTask current, RandomSetting setting)
    {
        for (var rest = Draw.Between(current, 1, MostCalls, "calls"); rest > 0; rest--)
        {
            var call = await Draw.Of(current, Calls, "call")(current, setting);
            current.ReturnToUser(call);
        }
    }

    private static Path<string> Punch(KernelTask current, RandomSetting setting) =>
        Fallocate(current, setting, FallocMode.KeepSize | FallocMode.PunchHole);

    private static Path<string> Allocate(KernelTask current, RandomSetting setting) =>
        Fallocate(current, setting, FallocMode.KeepSize);

    private static async Path<string> Fallocate(KernelTask current, RandomSetting setting, FallocMode mode)
    {
        var (fd, pages) = (current.Choose(Descriptors, "fd"), Draw.Pages(current, RandomSetting.Most));
        if (await Actors.Paths.File.Fget(current, setting.Stage.Files, fd) is not GmemFile file) return "fallocate";
        var (offset, end) = ((long)pages.Start.Value << Pages.Shift, (long)pages.End.Value << Pages.Shift);
        await Stage.Fallocate(current, file, mode, offset, end - offset);
        await FileTable.Fput(current, file);
        return "fallocate";
    }

    private static async Path<string> Convert(KernelTask current, RandomSetting setting)
    {
        var vm = Draw.Of(current, setting.Vms, "VM");
        var range = Draw.Gfns(current, vm.Frames);
        await KvmMain.KvmVmIoctlSetMemAttributes(
            current, vm, MemoryAttributesRequest.Convert(range, Draw.OneIn(current, 2, "private?")));
        return "KVM_SET_MEMORY_ATTRIBUTES";
    }

    private static Path<string> Delete(KernelTask current, RandomSetting setting)
    {
        var (vm, id) = (Draw.Of(current, setting.Vms, "VM"), (uint)current.Choose(3, "slot"));
        return SetRegion(current, setting, vm, new(id, KvmMem.None, 0, MemorySize: 0));
    }

    private static Path<string> Create(KernelTask current, RandomSetting setting)
    {
        var (vm, id) = (Draw.Of(current, setting.Vms, "VM"), (uint)current.Choose(3, "slot"));

        // One memslot is without gmem, always of the same frame: that such slots move and change is not modelled.
        var last = (vm.Frames.End.Value - 1) << Pages.Shift;
        if (id == 2) return SetRegion(current, setting, vm, new(id, KvmMem.None, last, Pages.Size));
        var (range, fd, page) = (Draw.Gfns(current, vm.Frames), current.Choose(Descriptors, "fd"), current.Choose(RandomSetting.Most, "page"));
        var size = (range.End.Value - range.Start.Value) << Pages.Shift;
        return SetRegion(
            current, setting, vm, new(id, KvmMem.GuestMemfd, range.Start.Value << Pages.Shift, size, fd, (ulong)page << Pages.Shift));
    }

    private static async Path<string> SetRegion(KernelTask current, RandomSetting setting, Vm vm, UserMemoryRegion region)
    {
        await KvmMain.KvmVmIoctlSetMemoryRegion(current, vm, setting.Stage.Files, region);
        return "KVM_SET_USER_MEMORY_REGION2";
    }

    private static async Path<string> Dontneed(KernelTask current, RandomSetting setting)
    {
        await Madvise.MadviseDontneedSingleVma(current, setting.Mm, PageRange.Of((ulong)current.Choose(2, "first page"), 1));
        return "madvise";
    }

    private static async Path<string> Prefault(KernelTask current, RandomSetting setting)
    {
        var vcpu = Draw.Of(current, setting.Vcpus, "vCPU");
        var range = Draw.Gfns(current, vcpu.Vm.Frames);
        var size = (range.End.Value - range.Start.Value) << Pages.Shift;
        await KvmMain.KvmVcpuPreFaultMemory(current, vcpu, range.Start.Value << Pages.Shift, size);
        return "KVM_PRE_FAULT_MEMORY";
    }

    private static async Path<string> Close(KernelTask current, RandomSetting setting)
    {
        await Open.Close(current, setting.Stage.Files, current.Choose(Descriptors, "fd"));
        return "close";
    }

    private static async Path<string> NewFile(KernelTask current, RandomSetting setting)
    {
        var (vm, size) = (Draw.Of(current, setting.Vms, "VM"), Draw.Between(current, 1, RandomSetting.Most, "pages of the file"));
        await GuestMemfd.KvmGmemCreate(current, vm, setting.Stage.Files, (long)size << Pages.Shift, flags: 0);
        return "KVM_CREATE_GUEST_MEMFD";
    }
}
