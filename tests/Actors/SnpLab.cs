using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

/// <summary>One SNP guest whose first two frames are a gmem file's, all properties on, and calls that run to their end.</summary>
internal sealed class SnpLab
{
    internal static readonly Gfn First = new(0x101);
    private readonly Stage _stage;

    internal SnpLab(
        KernelVersion? kernel = null,
        MachineOptions? options = null,
        bool isLaunched = true,
        ulong seed = 0,
        int pscEntries = 4,
        FaultInjection? faults = null)
    {
        World = new(new RandomWalk(seed));
        _stage = new(World, kernel ?? KernelVersion.Linux72, new StageOptions { Frames = 10 });
        _stage.UseSnp(options, faults);
        Mm = _stage.UserMemory(2);
        Vm = _stage.SnpVm("vm0", First.Value, 4, Mm, isLaunched);
        Vcpu = _stage.SnpVcpu(Vm, pscEntries);
        Inode = _stage.Inode("inode0", 4);
        File = _stage.Open("gmem0", Vm, Inode);
        Vm.AddMemslot(0, First, File, PageRange.Of(0, 4));
        _stage.Watch();
    }

    internal World World { get; }

    internal UserMemory Mm { get; }

    internal Vm Vm { get; }

    internal Vcpu Vcpu { get; }

    internal GmemInode Inode { get; }

    internal GmemFile File { get; }

    internal Machine Machine => Vm.Machine;

    internal Rmp Rmp => Machine.Rmp!;

    internal PhysicalMemory Memory => Machine.Memory;

    internal Stage Stage => _stage;

    /// <summary>What the guest saw of each thing that it did.</summary>
    internal List<GuestResult> Results { get; } = [];

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

    /// <summary>Runs the guest until it needs user space or is at its end.</summary>
    internal (Errno Errno, KvmRun Run) Run(params GuestOp[] program) => Run(new KvmRun(program) { OnResult = (_, result) => Results.Add(result) });

    internal (Errno Errno, KvmRun Run) Run(KvmRun run) => (Call(current => KvmMain.KvmVcpuIoctlRun(current, Vcpu, run)), run);

    /// <summary>Runs the guest, and converts what it asks for or faults on, until it is at its end; returns what it saw last.</summary>
    internal GuestResult RunConverting(params GuestOp[] program)
    {
        var run = new KvmRun(program) { OnResult = (_, result) => Results.Add(result) };
        while (Run(run).Run.ExitReason is ExitReason.Hypercall or ExitReason.MemoryFault) Convert(run.Range, run.IsPrivate);
        Assert.Equal(ExitReason.Hlt, run.ExitReason);
        return Results[^1];
    }

    internal void Convert(GfnRange range, bool isPrivate) =>
        Assert.Equal(Errno.None, Call(current => KvmMain.KvmVmIoctlSetMemAttributes(current, Vm, MemoryAttributesRequest.Convert(range, isPrivate))));

    internal void Punch(ulong page, ulong count = 1) => Assert.Equal(
        Errno.None,
        Call(current => Open.VfsFallocate(
            current, File, FallocMode.KeepSize | FallocMode.PunchHole, (long)page * Lab.Page, (long)count * Lab.Page)));

    internal Errno Command(KvmSevCmd cmd) => Call(current => Sev.SevMemEncIoctl(current, Vm, cmd));

    internal Pfn? PfnOf(Gfn gfn) => Vm.Maps(gfn);
}
