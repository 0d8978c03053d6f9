using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What every path on a host may know: the kernel it runs and the hardware it has. Immutable.</summary>
/// <param name="Kernel">The kernel's version.</param>
/// <param name="Memory">The host's memory.</param>
/// <param name="Rcu">Its RCU.</param>
public sealed record Machine(KernelVersion Kernel, PhysicalMemory Memory, Rcu Rcu)
{
    /// <summary>What this machine has of what machines differ in.</summary>
    public MachineOptions Options { get; init; } = MachineOptions.Default;

    /// <summary>The table of who owns each frame; none without SEV-SNP.</summary>
    public Rmp? Rmp { get; init; }

    /// <summary>The TDX module; none without TDX.</summary>
    public TdxModule? Tdx { get; init; }

    /// <summary>Whether guests have system management mode.</summary>
    public bool HasSmm { get; init; }

    /// <summary>The module that KVM is; none if nobody unloads it.</summary>
    public Module? Module { get; init; }

    /// <summary>The one inode of all files that have none of their own; none unless gmem files are among them.</summary>
    public GmemInode? AnonInode { get; init; }

    /// <summary>What fails though nothing is wrong with it.</summary>
    public FaultInjection Faults { get; init; } = FaultInjection.None;
}
