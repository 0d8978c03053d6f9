namespace GmemActors.Scenarios.Operations;

/// <summary>Every operation that a scenario file can name.</summary>
public static class OperationTable
{
    /// <summary>All of them: what guests do, then what the host does, in the order of the kernel's parts.</summary>
    public static IReadOnlyList<Operation> All { get; } =
    [
        .. GuestOperations.All, .. FileOperations.All, .. VmOperations.All, .. UserMemoryOperations.All,
    ];

    /// <summary>The operation of that name; null if there is none.</summary>
    public static Operation? Find(string name) => All.FirstOrDefault(operation => operation.Name == name);
}
