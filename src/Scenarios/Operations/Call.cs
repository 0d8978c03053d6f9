using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Operations;

/// <summary>An operation's arguments on a stage, by their place.</summary>
/// <param name="stage">The objects.</param>
/// <param name="vcpu">The task's vCPU; none if it runs none.</param>
/// <param name="arguments">The words.</param>
internal readonly struct Call(Stage stage, Vcpu? vcpu, IReadOnlyList<Argument> arguments)
{
    /// <summary>The stage.</summary>
    internal Stage Stage => stage;

    /// <summary>The open files of the process.</summary>
    internal FilesStruct Files => stage.Files;

    /// <summary>An ioctl of a VM, by the process that made it.</summary>
    internal async Path<Errno> Ioctl(KernelTask current, int vm, VmIoctl ioctl) =>
        (await KvmMain.KvmVmIoctl(current, stage.Process(Vm(vm)), Vm(vm), ioctl)).Errno;

    /// <summary>The task's vCPU.</summary>
    internal Vcpu Vcpu => vcpu!;

    /// <summary>A VM.</summary>
    internal Vm Vm(int index) => stage.Vms[(int)arguments[index].Value];

    /// <summary>An inode.</summary>
    internal GmemInode Inode(int index) => stage.InodeAt((int)arguments[index].Value);

    /// <summary>A gmem file.</summary>
    internal GmemFile File(int index) => stage.GmemFiles[(int)arguments[index].Value];

    /// <summary>The descriptor of a gmem file; −1 for none.</summary>
    internal int Fd(int index) => arguments[index].Value == ulong.MaxValue ? -1 : stage.FdOf((int)arguments[index].Value);

    /// <summary>A number.</summary>
    internal ulong Number(int index) => arguments[index].Value;

    /// <summary>The frame of a guest's address.</summary>
    internal Gfn Gfn(int index) => new(Number(index) >> Pages.Shift);

    /// <summary>Whether a word says private.</summary>
    internal bool IsPrivate(int index) => Number(index) == 1;
}
