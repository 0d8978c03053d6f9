using GmemActors.Actors;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

/// <summary>What a scenario file says, with every name looked up.</summary>
public sealed record ScenarioFile
{
    /// <summary>The name on the command line, in schedules and in reports.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about, in one sentence.</summary>
    public required string Point { get; init; }

    /// <summary>The kernel versions it is for; all if none is named.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];

    /// <summary>The fields of a version that must say yes, or the scenario is not for it.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>The machine it runs on.</summary>
    public MachineText Machine { get; init; } = new();

    /// <summary>The bytes of the memory of the user process; 0 for none.</summary>
    public Argument UserMemory { get; init; } = new("0", 0);

    /// <summary>The inodes.</summary>
    public IReadOnlyList<InodeText> Inodes { get; init; } = [];

    /// <summary>The VMs.</summary>
    public IReadOnlyList<VmText> Vms { get; init; } = [];

    /// <summary>The gmem files, open from the start.</summary>
    public IReadOnlyList<GmemFileText> Files { get; init; } = [];

    /// <summary>Who acts.</summary>
    public IReadOnlyList<TaskText> Tasks { get; init; } = [];

    /// <summary>What must happen in some execution.</summary>
    public IReadOnlyList<Claim> Sometimes { get; init; } = [];

    /// <summary>What must not hold after any step.</summary>
    public IReadOnlyList<Claim> Never { get; init; } = [];

    /// <summary>What must hold when every task has ended.</summary>
    public IReadOnlyList<Claim> Finally { get; init; } = [];

    /// <summary>What it is there to find; null if nothing.</summary>
    public ExpectedFinding? Shows { get; init; }

    /// <summary>What else may be found.</summary>
    public IReadOnlyList<ExpectedFinding> MayShow { get; init; } = [];
}

/// <summary>The machine of a scenario file.</summary>
/// <param name="Kind">What protects private memory, and the type of VMs that do not say otherwise.</param>
/// <param name="Frames">How many frames the host has; 0 for enough.</param>
/// <param name="Faults">What fails though nothing is wrong with it.</param>
public sealed record MachineText(VmType Kind = VmType.SwProtected, int Frames = 0, FaultKind Faults = FaultKind.None);

/// <summary>An inode of so many bytes.</summary>
public sealed record InodeText(string Name, Argument Size);

/// <summary>A range of a guest's addresses.</summary>
public sealed record GpaRange(Argument Gpa, Argument Size);

/// <summary>A VM.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Memory">The addresses its guest can name.</param>
/// <param name="IsPrivate">Whether all of them are private from the start.</param>
/// <param name="Private">Those of them that are, if not all.</param>
/// <param name="Slots">Its memslots.</param>
public sealed record VmText(string Name, GpaRange Memory, bool IsPrivate, IReadOnlyList<GpaRange> Private, IReadOnlyList<SlotText> Slots);

/// <summary>A memslot.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Range">Its addresses.</param>
/// <param name="File">The gmem file it is bound to; null if it is to none.</param>
/// <param name="Offset">The byte of the file at its first address.</param>
/// <param name="Hva">The user's address of its first byte; null for none.</param>
public sealed record SlotText(uint Id, GpaRange Range, Argument? File, Argument Offset, Argument? Hva);

/// <summary>A gmem file of a VM on an inode.</summary>
public sealed record GmemFileText(string Name, Argument Vm, Argument Inode);

/// <summary>A task: a host thread, or the thread of a vCPU.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Vcpu">The VM whose vCPU it runs; null if it runs none.</param>
/// <param name="Converts">Whether it converts what its guest uses otherwise, as a VMM does, and runs on.</param>
/// <param name="Steps">What it does.</param>
public sealed record TaskText(string Name, Argument? Vcpu, bool Converts, IReadOnlyList<StepText> Steps);

/// <summary>One thing a task does.</summary>
public abstract record StepText;

/// <summary>An operation.</summary>
/// <param name="Operation">Which one.</param>
/// <param name="Arguments">Its words.</param>
/// <param name="Results">What it may return; any result if it is null.</param>
public sealed record OperationText(Operation Operation, IReadOnlyList<Argument> Arguments, IReadOnlyList<Errno>? Results) : StepText;

/// <summary>So many times the same.</summary>
public sealed record RepeatText(int Count, IReadOnlyList<StepText> Steps) : StepText;

/// <summary>The same again as long as an operation returns one of these.</summary>
public sealed record RetryText(IReadOnlyList<Errno> While, IReadOnlyList<StepText> Steps) : StepText;

/// <summary>One of several, which the strategy chooses.</summary>
public sealed record OneOfText(IReadOnlyList<IReadOnlyList<StepText>> Ways) : StepText;

/// <summary>A place that others can wait for.</summary>
public sealed record LabelText(string Name) : StepText;

/// <summary>Waits until another task has come to a label: <c>vmm.deleted</c>.</summary>
public sealed record AfterText(string Label) : StepText;

/// <summary>Waits until all tasks that name it have come to it.</summary>
public sealed record BarrierText(string Name) : StepText;
