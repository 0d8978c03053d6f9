using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>
/// What a scenario is set up with: objects as they are before the first step, and who does what from then on.
/// </summary>
public sealed partial class Stage
{
    private readonly World _world;
    private Machine _machine;
    private readonly List<Vm> _vms = [];
    private readonly List<GmemInode> _inodes = [];
    private readonly List<GmemFile> _files = [];
    private readonly List<int> _descriptors = [];
    private readonly List<FilesStruct> _tables = [];
    private readonly int _hiddenInodes;

    /// <summary>An empty stage in a world: a machine with that kernel, and one user process.</summary>
    /// <param name="world">The world.</param>
    /// <param name="kernel">What the machine runs.</param>
    /// <param name="options">What else it is like; small and without faults if not given.</param>
    public Stage(World world, KernelVersion kernel, StageOptions? options = null)
    {
        options ??= StageOptions.Default;
        _world = world;
        var memory = world.Add(new PhysicalMemory("memory", options.Frames, options.Hardware));
        _machine = new(kernel, memory, world.Add(new Rcu("rcu")))
        {
            Options = options.Hardware,
            Faults = options.Faults,
        };
        Files = world.Add(new FilesStruct("files"));
        _tables.Add(Files);
        if (kernel.Has(GuestMemfdBugs.SharedAnonymousInode)) _machine = _machine with { AnonInode = Inode("anon_inode", 0) };
        _hiddenInodes = _inodes.Count;
    }

    /// <summary>The open files of the user process.</summary>
    public FilesStruct Files { get; }

    /// <summary>The user process, as the one that made a VM.</summary>
    public Process Process(Vm vm) => new(Files, vm.Mm);

    /// <summary>The kernel of the machine.</summary>
    public KernelVersion Kernel => _machine.Kernel;

    /// <summary>The host's memory.</summary>
    public PhysicalMemory Memory => _machine.Memory;

    /// <summary>The VMs, in the order in which they were made.</summary>
    internal IReadOnlyList<Vm> Vms => _vms;

    /// <summary>An inode, by its place among those that were asked for.</summary>
    internal GmemInode InodeAt(int index) => _inodes[_hiddenInodes + index];

    /// <summary>The gmem files that were open from the start, in the order in which they were made.</summary>
    internal IReadOnlyList<GmemFile> GmemFiles => _files;

    /// <summary>The memory of the user process; none if it was not asked for.</summary>
    internal UserMemory? Mm { get; private set; }

    /// <summary>
    /// A VM whose guest can name so many frames from <paramref name="firstGfn"/> on, all of them private if it has private memory.
    /// </summary>
    public Vm Vm(string name, ulong firstGfn, ulong count, UserMemory? mm = null, VmType type = VmType.SwProtected)
    {
        var vm = Vm(name, new(new(firstGfn), new(firstGfn + count)), type, mm);
        if (vm.HasPrivateMemory) vm.Convert(vm.Frames, KvmMemoryAttributes.Private);
        return vm;
    }

    /// <summary>A VM whose guest can name these frames, all of them shared.</summary>
    public Vm Vm(string name, GfnRange frames, VmType type, UserMemory? mm = null)
    {
        var vm = _world.Add(new Vm(name, _machine, frames, mm, type));
        _machine.Module?.Get();
        _vms.Add(vm);
        return vm;
    }

    /// <summary>The memory of the user process, of so many pages.</summary>
    public UserMemory UserMemory(int pageCount) => Mm = _world.Add(new UserMemory("mm", Memory, pageCount));

    /// <summary>An inode of so many pages, none of them allocated.</summary>
    public GmemInode Inode(string name, ulong pageCount, GuestMemfdKind flags = GuestMemfdKind.None)
    {
        var inode = _world.Add(new GmemInode(name, _machine, pageCount, flags));
        _inodes.Add(inode);
        return inode;
    }

    /// <summary>A gmem file of a VM on an inode, open in the user process; there may be several on one inode.</summary>
    public GmemFile Open(string name, Vm vm, GmemInode inode)
    {
        var file = _world.Add(new GmemFile(name, vm, inode));
        inode.Add(file);
        if (!Kernel.Has(GuestMemfdBugs.FileWithoutOwner)) _machine.Module?.Get();
        _files.Add(file);
        _descriptors.Add(Files.Open(file));
        return file;
    }

    /// <summary>The descriptor under which a gmem file was opened, by its place.</summary>
    internal int FdOf(int index) => _descriptors[index];

    /// <summary>KVM as a module that can be unloaded. To be said before there are VMs.</summary>
    public Module LoadModule()
    {
        var module = _world.Add(new Module("kvm"));
        _machine = _machine with { Module = module };
        return module;
    }

    /// <summary>Memory may fail on this machine. To be said before there are VMs.</summary>
    public Machine MemoryMayFail() => _machine = _machine with { MemoryFailures = _world.Add(new MemoryFailures("memory_failure")) };

    /// <summary>The VM's own descriptor: when it and every other file of the VM is closed, the VM goes.</summary>
    public int OpenVm(Vm vm) => Files.Open(_world.Add(new KvmFile($"{vm}:file", vm)));

    /// <summary>The descriptor of a vCPU.</summary>
    public int OpenVcpu(string name, Vm vm)
    {
        vm.Get();
        return Files.Open(_world.Add(new KvmFile(name, vm, isVcpu: true)));
    }

    /// <summary>Another process with the same files: <c>fork()</c>.</summary>
    public Process Fork(string name)
    {
        var files = _world.Add(Files.Fork(name));
        _tables.Add(files);
        return new(files, _world.Add(new UserMemory($"{name}:mm", Memory, 0)));
    }

    /// <summary>Somebody who acts.</summary>
    public void Task(string name, Func<KernelTask, Path> body) => _world.Spawn(name, body);

    /// <summary>Somebody who makes a system call, and does not care how it ends.</summary>
    public void Task(string name, Func<KernelTask, Path<Errno>> call) => _world.Spawn(name, async current => await call(current));

    /// <summary>A vCPU whose guest uses these frames one after the other.</summary>
    public Vcpu Vcpu(string name, Vm vm, params GuestOp[] program)
    {
        var vcpu = CreateVcpu(vm);
        Task(name, current => Run(current, vcpu, program));
        return vcpu;
    }

    /// <summary>A vCPU that somebody will run.</summary>
    /// <param name="vm">Its VM.</param>
    /// <param name="isInitialized">Whether a trust domain's vCPU has all it needs to run.</param>
    public Vcpu CreateVcpu(Vm vm, bool isInitialized = true)
    {
        var number = vm.Vcpus.Count;
        var vcpu = _world.Add(new Vcpu($"{vm}:vcpu{number}", vm, number, _world.Add(new Cpu($"{vm}:cpu{number}"))));
        vm.Add(vcpu);
        if (vm.Type == VmType.Tdx && isInitialized) AddToTd(vm, vcpu);
        return vcpu;
    }

    /// <summary>Somebody who punches holes of whole pages into a file, one after the other.</summary>
    public void PunchHoles(string name, GmemFile file, params PageRange[] holes) =>
        Task(name, current => PunchHoles(current, file, holes));

    /// <summary>What must hold after every step that changes one of the actors.</summary>
    /// <param name="name">The claim.</param>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="over">The actors it speaks of.</param>
    public void Always(string name, Func<bool> holds, params ReadOnlySpan<Actor> over) => _world.Always(name, holds, over);

    /// <summary>What must hold when every task has ended.</summary>
    /// <param name="name">The claim.</param>
    /// <param name="violation">What breaks it; null while it holds.</param>
    public void Finally(string name, Func<string?> violation) => _world.Finally(name, violation);

    /// <summary>Brings an actor of the scenario's own in; returns it.</summary>
    internal T Add<T>(T actor) where T : Actor => _world.Add(actor);

    /// <summary>What must happen in some execution, or the scenario does not show its point.</summary>
    /// <param name="name">The claim; also what a path's mark says.</param>
    /// <param name="holds">Whether it holds; none if a mark says so.</param>
    /// <param name="over">The actors it speaks of.</param>
    public void Sometimes(string name, Func<bool>? holds = null, params ReadOnlySpan<Actor> over) =>
        _world.Sometimes(name, holds, over);

    /// <summary>
    /// A vCPU was in the kernel, to enter the guest or in its fault, while somebody kept the inode's bindings for
    /// himself.
    /// </summary>
    public void SometimesFaultsMeanwhile(Vm vm, GmemInode inode) => Sometimes(
        $"a vCPU of {vm} was in the kernel while filemap_invalidate_lock was held exclusive",
        () => vm.IsInKernel && inode.InvalidateLock.Writer is not null,
        vm,
        inode);

    /// <summary>fallocate() of whole pages, which succeeds.</summary>
    internal static async Path Fallocate(KernelTask current, GmemFile file, FallocMode mode, PageRange pages)
    {
        var (offset, end) = ((long)pages.Start.Value << Pages.Shift, (long)pages.End.Value << Pages.Shift);
        var errno = await Fallocate(current, file, mode, offset, end - offset);
        current.ReturnToUser("fallocate");
        Check.That(errno == Errno.None);
    }

    /// <summary>fallocate(); what was in a hole that is punched must be gone afterwards.</summary>
    internal static async Path<Errno> Fallocate(KernelTask current, GmemFile file, FallocMode mode, long offset, long length)
    {
        var isHole = (mode & FallocMode.PunchHole) != 0 && offset >= 0 && length > 0;
        if (!isHole) return await Actors.Paths.Open.VfsFallocate(current, file, mode, offset, length);
        var hole = PageRange.Of((ulong)offset >> Pages.Shift, (ulong)length >> Pages.Shift);
        var before = file.Inode.BeforeHole(hole);
        var errno = await Actors.Paths.Open.VfsFallocate(current, file, mode, offset, length);
        file.Inode.AfterHole(hole, before, errno == Errno.None);
        return errno;
    }

    /// <summary>Deletes a memslot, which succeeds.</summary>
    internal static async Path DeleteMemslot(
        KernelTask current, Vm vm, FilesStruct files, uint slot, Gfn baseGfn, KvmMem flags = KvmMem.GuestMemfd)
    {
        var region = new UserMemoryRegion(slot, flags, baseGfn.Value << Pages.Shift, MemorySize: 0);
        var errno = await KvmMain.KvmVmIoctlSetMemoryRegion(current, vm, files, region);
        current.ReturnToUser("KVM_SET_USER_MEMORY_REGION2");
        Check.That(errno == Errno.None);
    }

    /// <summary>
    /// A thread of the virtual machine monitor runs a vCPU until its program is at its end, or until KVM_RUN fails.
    /// </summary>
    internal static Path<Errno> RunVcpu(KernelTask current, Vcpu vcpu, params IReadOnlyList<GuestOp> program) =>
        RunVcpu(current, vcpu, new KvmRun(program), converts: false);

    /// <inheritdoc cref="RunVcpu(KernelTask, Vcpu, IReadOnlyList{GuestOp})"/>
    /// <param name="current">The thread.</param>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="run">What its guest does, and how far it has come.</param>
    /// <param name="converts">Whether a memory fault makes it convert the frame and run the vCPU again, as often as it takes.</param>
    internal static async Path<Errno> RunVcpu(KernelTask current, Vcpu vcpu, KvmRun run, bool converts)
    {
        while (true)
        {
            var errno = await KvmMain.KvmVcpuIoctlRun(current, vcpu, run);
            current.ReturnToUser("KVM_RUN");
            switch (run.ExitReason)
            {
                case ExitReason.Hypercall:
                    run.HypercallRet = (ulong)await Convert(current, vcpu.Vm, run);
                    break;
                case ExitReason.MemoryFault when converts && errno == Errno.EFAULT:
                    await Convert(current, vcpu.Vm, run);
                    current.Retry("KVM_EXIT_MEMORY_FAULT");
                    break;
                case ExitReason.Mmio or ExitReason.Intr:
                    break;
                default:
                    return errno;
            }
        }
    }

    /// <summary>States what must hold of everything on the stage.</summary>
    internal void Watch()
    {
        if (_machine.Tdx is not null) FinishTds();
        if (_machine.Rmp is not null) SnpProperties.HoldIn(_world, _machine, [.. _vms]);
        KernelProperties.HoldIn(_world, Memory, [.. _vms], [.. _inodes], [.. _files]);
        LifetimeProperties.HoldIn(_world, _machine, [.. _vms], _tables);
    }

    // The frames become what the exit says that the guest wants.
    internal static async Path<Errno> Convert(KernelTask current, Vm vm, KvmRun run)
    {
        current.Mark(Events.Converted);
        return await KvmMain.KvmVmIoctlSetMemAttributes(current, vm, MemoryAttributesRequest.Convert(run.Range, run.IsPrivate));
    }

    private static async Path Run(KernelTask current, Vcpu vcpu, GuestOp[] program) => await RunVcpu(current, vcpu, program);

    private static async Path PunchHoles(KernelTask current, GmemFile file, PageRange[] holes)
    {
        foreach (var hole in holes) await Fallocate(current, file, FallocMode.KeepSize | FallocMode.PunchHole, hole);
    }
}
