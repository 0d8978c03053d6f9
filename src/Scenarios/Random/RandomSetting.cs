using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Random;

/// <summary>What there is before a random program runs: VMs, files, memslots, vCPUs, and what is private.</summary>
internal sealed class RandomSetting(Stage stage, UserMemory mm, IReadOnlyList<Vm> vms, IReadOnlyList<Vcpu> vcpus)
{
    private const ulong FirstGfn = 0x100;
    private const int UserPages = 3;

    /// <summary>How many frames a guest can name, and how many pages a file has at most.</summary>
    internal const int Most = 4;

    internal Stage Stage { get; } = stage;

    internal UserMemory Mm { get; } = mm;

    internal IReadOnlyList<Vm> Vms { get; } = vms;

    internal IReadOnlyList<Vcpu> Vcpus { get; } = vcpus;

    /// <summary>Draws one.</summary>
    internal static RandomSetting Of(KernelTask current, Stage stage)
    {
        var (vms, vcpus) = (new List<Vm>(), new List<Vcpu>());
        var mm = stage.UserMemory(UserPages);
        var count = Draw.OneIn(current, 3, "two VMs?") ? 2 : 1;
        for (var i = 0; i < count; i++)
        {
            var vm = NewVm(current, stage, mm, i);

            // No kernel lets an inode have two files yet.
            AddMemslots(current, vm, stage.Open($"gmem{i}", vm, NewInode(current, stage, i)));
            vms.Add(vm);
            for (var n = Draw.Between(current, 1, 2, "vCPUs"); n > 0; n--) vcpus.Add(stage.CreateVcpu(vm));
        }

        return new(stage, mm, vms, vcpus);
    }

    private static GmemInode NewInode(KernelTask current, Stage stage, int number) =>
        stage.Inode($"inode{number}", (ulong)Draw.Between(current, 2, Most, "pages of the inode"));

    private static Vm NewVm(KernelTask current, Stage stage, UserMemory mm, int number)
    {
        var vm = stage.Vm($"vm{number}", FirstGfn, Most, mm);
        for (var gfn = vm.Frames.Start; gfn.Value < vm.Frames.End.Value; gfn += 1)
        {
            if (Draw.OneIn(current, 4, "shared?")) vm.Convert(new(gfn, gfn + 1), KvmMemoryAttributes.None);
        }

        return vm;
    }

    // Side by side, in the guest's memory and in the file; perhaps there is none yet.
    private static void AddMemslots(KernelTask current, Vm vm, GmemFile file)
    {
        var (next, count) = (0ul, Draw.Between(current, 0, 2, "memslots"));
        for (var id = 0; id < count && next < file.Inode.PageCount; id++)
        {
            var pages = Math.Min((ulong)Draw.Between(current, 1, 2, "pages of the memslot"), file.Inode.PageCount - next);
            vm.AddMemslot(id, vm.Frames.Start + next, file, PageRange.Of(next, pages));
            next += pages;
        }
    }
}
