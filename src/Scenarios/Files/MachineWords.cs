using GmemActors.Actors;

namespace GmemActors.Scenarios.Files;

/// <summary>How files spell what machines are and what may fail in them.</summary>
internal static class MachineWords
{
    /// <summary>The types of machines.</summary>
    internal static readonly (string Word, VmType Type, string Summary)[] Kinds =
    [
        ("plain", VmType.Default, "KVM_X86_DEFAULT_VM: no private memory"),
        ("software-protected", VmType.SwProtected, "KVM_X86_SW_PROTECTED_VM: private memory that no hardware protects"),
    ];

    /// <summary>What may fail.</summary>
    internal static readonly (string Word, FaultKind Kind, string Summary)[] Faults =
    [
        ("allocation", FaultKind.Allocation, "an allocation fails: ENOMEM"),
        ("signal", FaultKind.Signal, "a signal is pending where the kernel looks for one: EINTR"),
    ];

    internal static string Of(VmType type) => Array.Find(Kinds, kind => kind.Type == type).Word;
}
