using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Vectors;

/// <summary>A machine with one kernel, a VM of one type, its process, and what a test vector calls.</summary>
internal sealed class VectorLab
{
    internal const long P = 4096;
    internal const ulong Address = 0x100 * (ulong)P;
    internal static readonly Gfn First = new(0x100);

    internal VectorLab(string kernel, VmType type = VmType.SwProtected, GuestMemfdKind kind = GuestMemfdKind.None, long pages = 4)
    {
        Kernel = KernelVersion.Find(kernel)!;
        World = new(new RandomWalk(0));
        Stage = new(World, Kernel);
        Mm = Stage.UserMemory(2);
        Vm = Stage.Vm("vm0", First.Value, 8, Mm, type);
        Vcpu = Stage.CreateVcpu(Vm);
        File = Stage.Open("gmem0", Vm, Stage.Inode("inode0", (ulong)pages, kind));
        var other = Stage.Vm("vm1", First.Value, 8, Mm, type);
        Stage.Open("gmem1", other, Stage.Inode("inode1", 4));
        KvmFd = Files.Open(World.Add(new OtherFile("kvm")));
        VmFd = Stage.OpenVm(Vm);
        Memfd = Files.Open(World.Add(new OtherFile("memfd")));
        Stage.Watch();
    }

    internal KernelVersion Kernel { get; }

    internal World World { get; }

    internal Stage Stage { get; }

    internal UserMemory Mm { get; }

    internal Vm Vm { get; }

    internal Vcpu Vcpu { get; }

    internal GmemFile File { get; }

    internal FilesStruct Files => Stage.Files;

    internal Process Process => Stage.Process(Vm);

    internal int Gmem => 0;

    internal int OtherVmsGmem => 1;

    internal int KvmFd { get; }

    internal int VmFd { get; }

    internal int Memfd { get; }

    internal T Call<T>(Func<KernelTask, Path<T>> path)
    {
        T result = default!;
        World.Spawn($"call{World.Tasks.Count}", Take);
        Assert.Null(World.Run());
        return result;

        async Path Take(KernelTask current) => result = await path(current);
    }

    internal Errno Fallocate(FallocMode mode, long offset, long len) =>
        Call(current => Open.KsysFallocate(current, Files, Gmem, mode, offset, len));

    internal Errno Allocate(long offset, long len) => Fallocate(FallocMode.KeepSize, offset, len);

    internal Errno Punch(long offset, long len) => Fallocate(FallocMode.KeepSize | FallocMode.PunchHole, offset, len);

    internal Result<int> Ioctl(VmIoctl ioctl) => Call(current => KvmMain.KvmVmIoctl(current, Process, Vm, ioctl));

    internal Errno Create(long size, ulong flags = 0) => Ioctl(new VmIoctl.CreateGuestMemfd(new(size, (GuestMemfdKind)flags))).Errno;

    internal Errno SetRegion(
        KvmMem flags, ulong address, ulong size, int fd = -1, ulong offset = 0, uint slot = 0, ulong user = 0) =>
        Ioctl(new VmIoctl.SetUserMemoryRegion2(new(slot, flags, address, size, fd, offset, user))).Errno;

    internal Errno SetRegionV1(KvmMem flags) => Ioctl(new VmIoctl.SetUserMemoryRegion(new(0, flags, Address, P))).Errno;

    internal Errno SetAttributes(ulong address, ulong size, KvmMemoryAttributes attributes, ulong flags = 0) =>
        Ioctl(new VmIoctl.SetMemoryAttributes(new(address, size, attributes, flags))).Errno;

    internal Errno SetAttributes2(KvmMemoryAttributes2? attrs, int fd = 0) =>
        Call(current => GmemActors.Actors.Paths.Ioctl.SetMemoryAttributes2(current, Files, fd, attrs));

    internal Errno SetAttributes2(
        ulong offset, ulong size, ulong errorOffset = 0, ulong reserved = 0, ulong flags = 0, KvmMemoryAttributes kind = KvmMemoryAttributes.Private) =>
        SetAttributes2(new(offset, size, kind) { ErrorOffset = errorOffset, Reserved = reserved, Flags = flags });

    internal Errno Bind(ulong pages = 2) => SetRegion(KvmMem.GuestMemfd, Address, pages * P, Gmem);

    internal Result<Vma> Map(ulong pages, Prot prot = Prot.Read | Prot.Write, bool isShared = true) =>
        Call(current => Mmap.KsysMmapPgoff(current, Process, Gmem, new(0), pages, prot, isShared));

    internal UserSignal Use(Vma vma, ulong page) =>
        Call(current => UserProgram.Use(current, vma.Mm, vma.Pages.Start.Value + page, isWrite: true));

    internal Errno Touch(params GuestOp[] program) => Call(current => Stage.RunVcpu(current, Vcpu, program));

    internal Errno Close(int fd) => Call(current => Open.Close(current, Files, fd));
}
