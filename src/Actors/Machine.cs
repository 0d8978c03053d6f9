using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What every path on a host may know: the kernel it runs and the memory it has. Immutable.</summary>
/// <param name="Kernel">The kernel's version.</param>
/// <param name="Memory">The host's memory.</param>
/// <param name="Rcu">Its RCU.</param>
public sealed record Machine(KernelVersion Kernel, PhysicalMemory Memory, Rcu Rcu);
