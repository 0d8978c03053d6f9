namespace GmemActors.Cli;

/// <summary>The model of the kernel as the command sees it.</summary>
internal static class KernelLaboratory
{
    internal static Laboratory Create() => new([], [], []);
}
