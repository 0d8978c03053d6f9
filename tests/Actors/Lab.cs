using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

/// <summary>One VM with one file of guest memory, all properties on, and paths that run alone to their end.</summary>
internal sealed class Lab
{
    internal const long Page = 4096;
    internal static readonly Gfn First = new(0x100);

    private readonly Stage _stage;

    internal Lab(
        long pages = 4, ulong seed = 0, KernelVersion? kernel = null, bool isWatched = true, FaultInjection? faults = null)
    {
        World = new(new RandomWalk(seed));
        _stage = new(World, kernel ?? KernelVersion.Linux612, faults);
        Mm = _stage.UserMemory(2);
        Vm = _stage.Vm("vm0", First.Value, 8, Mm);
        Inode = _stage.Inode("inode0", (ulong)pages);
        File = _stage.Open("gmem0", Vm, Inode);
        Vcpu = _stage.CreateVcpu(Vm);
        if (isWatched) _stage.Watch();
    }

    internal World World { get; }

    internal UserMemory Mm { get; }

    internal Vm Vm { get; }

    internal Vcpu Vcpu { get; }

    internal GmemInode Inode { get; }

    internal GmemFile File { get; }

    internal FilesStruct Files => _stage.Files;

    internal Stage Stage => _stage;

    internal PhysicalMemory Memory => _stage.Memory;

    internal Memslot? Slot => Vm.Memslots.At(First);

    /// <summary>A lab whose VM has the first two pages of the file bound at its first frame.</summary>
    internal static Lab Bound(
        long pages = 4, ulong seed = 0, KernelVersion? kernel = null, bool isWatched = true, FaultInjection? faults = null)
    {
        var lab = new Lab(pages, seed, kernel, isWatched, faults);
        lab.Vm.AddMemslot(0, First, lab.File, PageRange.Of(0, 2));
        return lab;
    }

    internal void Spawn(string name, Func<KernelTask, Path> path) => World.Spawn(name, path);

    internal void Spawn(string name, Func<KernelTask, Path<Errno>> call) => World.Spawn(name, async current => await call(current));

    internal Finding? Run() => World.Run();

    /// <summary>Runs one path to its end and returns what it found wrong.</summary>
    internal Finding? Find(Func<KernelTask, Path> path)
    {
        World.Spawn("call", path);
        return World.Run();
    }

    /// <summary>Runs one path to its end, in which nothing goes wrong, and returns its result.</summary>
    internal T Call<T>(Func<KernelTask, Path<T>> path)
    {
        T result = default!;
        Assert.Null(Find(Take));
        return result;

        async Path Take(KernelTask current) => result = await path(current);
    }

    internal Errno Fallocate(FallocMode mode, long offset, long len) =>
        Call(current => Open.VfsFallocate(current, File, mode, offset, len));

    internal Errno Punch(long offset, long len) => Fallocate(FallocMode.KeepSize | FallocMode.PunchHole, offset, len);

    internal Errno Touch(params GuestOp[] program) => Call(current => Stage.RunVcpu(current, Vcpu, program));

    internal Vcpu NewVcpu() => _stage.CreateVcpu(Vm);

    internal void SpawnVcpu(string name, params GuestOp[] program)
    {
        var vcpu = NewVcpu();
        World.Spawn(name, async current => await Stage.RunVcpu(current, vcpu, program));
    }

    internal Errno SetRegion(UserMemoryRegion region) =>
        Call(current => KvmMain.KvmVmIoctlSetMemoryRegion(current, Vm, Files, region));

    internal Errno Convert(Gfn gfn, bool toPrivate) => SetAttributes(MemoryAttributesRequest.Convert(new(gfn, gfn + 1), toPrivate));

    internal Errno SetAttributes(MemoryAttributesRequest request) =>
        Call(current => KvmMain.KvmVmIoctlSetMemAttributes(current, Vm, request));

    /// <summary>Gives a descriptor back: by default the file's.</summary>
    internal Errno Close(int fd = 0) => Call(current => Open.Close(current, Files, fd));

    /// <summary>An ioctl of the VM, by the process that made it.</summary>
    internal Result<int> Ioctl(VmIoctl ioctl) => Call(current => KvmMain.KvmVmIoctl(current, new(Files, Mm), Vm, ioctl));
}
