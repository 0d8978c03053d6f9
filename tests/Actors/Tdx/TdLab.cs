using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors.Tdx;

/// <summary>A trust domain with one file of guest memory, all properties on, and paths that run alone to their end.</summary>
internal sealed class TdLab
{
    internal static readonly Gfn Low = new(0x100);
    internal static readonly Gfn High = new(0x101);

    private readonly Stage _stage;

    private TdLab(KernelVersion? kernel, MachineOptions? options, FaultInjection? faults, Func<Stage, UserMemory, Vm> create, ulong seed)
    {
        World = new(new RandomWalk(seed));
        _stage = new(World, kernel ?? KernelVersion.Linux72, new StageOptions { Frames = 24, Faults = faults ?? FaultInjection.None, Hardware = options ?? MachineOptions.Default });
        Mm = _stage.UserMemory(4);
        Vm = create(_stage, Mm);
        Inode = _stage.Inode("inode0", 4);
        File = _stage.Open("gmem0", Vm, Inode);
        Vm.AddMemslot(0, Low, File, PageRange.Of(0, 2));
    }

    internal World World { get; }

    internal UserMemory Mm { get; }

    internal Vm Vm { get; }

    internal GmemInode Inode { get; }

    internal GmemFile File { get; }

    internal Stage Stage => _stage;

    internal PhysicalMemory Memory => _stage.Memory;

    internal Machine Machine => Vm.Machine;

    internal TdxModule Module => Machine.Tdx!;

    /// <summary>A trust domain that can run.</summary>
    internal static TdLab Runnable(
        KernelVersion? kernel = null,
        MachineOptions? options = null,
        FaultInjection? faults = null,
        ulong seed = 0,
        ulong frames = 2,
        bool exitsOnMapGpaRange = true) =>
        new(kernel, options, faults, (stage, mm) => stage.TrustDomain("vm0", Low.Value, frames, mm, true, exitsOnMapGpaRange), seed);

    /// <summary>A trust domain that pages and vCPUs can be added to.</summary>
    internal static TdLab Initialized(
        KernelVersion? kernel = null, MachineOptions? options = null, FaultInjection? faults = null, ulong seed = 0) =>
        new(kernel, options, faults, (stage, mm) => stage.TrustDomain("vm0", Low.Value, 2, mm, isFinalized: false), seed);

    /// <summary>A VM that is no trust domain yet.</summary>
    internal static TdLab Empty(KernelVersion? kernel = null, MachineOptions? options = null, FaultInjection? faults = null, ulong seed = 0) =>
        new(kernel, options, faults, (stage, mm) => stage.NewTdxVm("vm0", Low.Value, 2, mm), seed);

    /// <summary>The same with properties, to be called last.</summary>
    internal TdLab Watched()
    {
        _stage.Watch();
        return this;
    }

    internal Vcpu NewVcpu(bool isInitialized = true) => _stage.CreateVcpu(Vm, isInitialized);

    internal void AddPages()
    {
        _stage.AddPage(Vm, Inode, new(0), Low);
        _stage.AddPage(Vm, Inode, new(1), High);
    }

    internal void Spawn(string name, Func<KernelTask, Path> path) => World.Spawn(name, path);

    /// <summary>Runs one path to its end and returns what it found wrong.</summary>
    internal Finding? Find<T>(Func<KernelTask, Path<T>> path)
    {
        World.Spawn("call", async current => await path(current));
        return World.Run();
    }

    /// <summary>Runs one path to its end, in which nothing goes wrong, and returns its result.</summary>
    internal T Call<T>(Func<KernelTask, Path<T>> path)
    {
        T result = default!;
        World.Spawn("call", async current => result = await path(current));
        Assert.Null(World.Run());
        return result;
    }

    internal Errno Run(Vcpu vcpu, params GuestOp[] program) => Call(current => Stage.RunVcpu(current, vcpu, program));

    internal Errno Ioctl(KvmTdxCmd cmd) => Call(current => GmemActors.Actors.Paths.Tdx.TdxVmIoctl(current, Vm, cmd));

    internal Errno Ioctl(Vcpu vcpu, KvmTdxCmd cmd) =>
        Call(current => GmemActors.Actors.Paths.Tdx.TdxVcpuUnlockedIoctl(current, vcpu, cmd));

    internal Errno Punch(ulong index, ulong count = 1) => Call(current => Open.VfsFallocate(
        current, File, FallocMode.KeepSize | FallocMode.PunchHole, (long)index << Pages.Shift, (long)count << Pages.Shift));

    internal Errno Convert(Gfn gfn, bool toPrivate) => Call(current => KvmMain.KvmVmIoctlSetMemAttributes(
        current, Vm, MemoryAttributesRequest.Convert(new(gfn, gfn + 1), toPrivate)));
}
