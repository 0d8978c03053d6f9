using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

/// <summary>An SNP guest with memory that the RMP has as one 2M entry, mapped 4K at a time.</summary>
internal sealed class SnpLargeLab
{
    internal static readonly Gfn First = new(0x200);

    internal SnpLargeLab(MachineOptions options, bool validated = true, ulong seed = 0, KernelVersion? kernel = null)
    {
        World = new(new RandomWalk(seed));
        Stage = new(World, kernel ?? KernelVersion.Linux72, new StageOptions { Frames = 3 * (int)PageLevels.PagesPer2M });
        Stage.UseSnp(options);
        Vm = Stage.SnpVm("vm0", First.Value, 4);
        Vcpu = Stage.SnpVcpu(Vm);
        var inode = Stage.Inode("inode0", 4);
        File = Stage.Open("gmem0", Vm, inode);
        Vm.AddMemslot(0, First, File, PageRange.Of(0, 4));
        Stage.SkipTo2M();
        Pfn = inode.Allocate(new(0));
        for (var i = 1ul; i < 4; i++) inode.Allocate(new(i));
        Stage.SkipTo2M();
        Stage.Prepare(Vm, First, Pfn, PageLevel.Level2M, validated);
        Stage.Watch();
    }

    internal World World { get; }

    internal Stage Stage { get; }

    internal Vm Vm { get; }

    internal Vcpu Vcpu { get; }

    internal GmemFile File { get; }

    internal Pfn Pfn { get; }

    internal Machine Machine => Vm.Machine;

    internal Rmp Rmp => Machine.Rmp!;

    internal Finding? Find(Func<KernelTask, Path> path)
    {
        World.Spawn("call", path);
        return World.Run();
    }

    internal T Call<T>(Func<KernelTask, Path<T>> path)
    {
        T result = default!;
        Assert.Null(Find(Take));
        return result;

        async Path Take(KernelTask current) => result = await path(current);
    }

    /// <summary>Runs a guest to its end; returns what it saw last.</summary>
    internal GuestResult Run(params GuestOp[] program)
    {
        var last = default(GuestResult);
        var run = new KvmRun(program) { OnResult = (_, result) => last = result };
        Assert.Equal(Errno.None, Call(current => KvmMain.KvmVcpuIoctlRun(current, Vcpu, run)));
        Assert.Equal(ExitReason.Hlt, run.ExitReason);
        return last;
    }
}
