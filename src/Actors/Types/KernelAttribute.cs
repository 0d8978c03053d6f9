namespace GmemActors.Actors;

/// <summary>Says which kernel function a path mirrors.</summary>
/// <param name="file">The kernel's source file.</param>
/// <param name="name">The function, where the mechanical rule does not give it from the method's name.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelAttribute(string file, string? name = null) : Attribute
{
    /// <summary>The kernel's source file.</summary>
    public string File { get; } = file;

    /// <summary>The function, where the mechanical rule does not give it; else null.</summary>
    public string? Name { get; } = name;
}
