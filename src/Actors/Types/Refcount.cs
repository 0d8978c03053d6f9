using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>What <c>refcount_t</c> and a folio's count say of references that are not there. Source: lib/refcount.c.</summary>
internal static class Refcount
{
    /// <summary>Drops a reference; returns whether it was the last one.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="function">The kernel's function.</param>
    /// <exception cref="KernelBugException">There is none.</exception>
    internal static bool Put(ref int count, string function)
    {
        if (count <= 0) throw Underflow(function);
        return --count == 0;
    }

    /// <summary>A reference is dropped that nobody holds.</summary>
    internal static KernelBugException Underflow(string function) => new($"refcount_t: underflow; use-after-free in {function}");
}
