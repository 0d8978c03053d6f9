using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace GmemActors.Engine;

/// <summary>Assertions on this program itself, on in every build.</summary>
public static class Check
{
    /// <summary>Says that <paramref name="condition"/> holds; if not, the bug is ours.</summary>
    /// <exception cref="InternalErrorException">The condition is false.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition) Fail(expression);
    }

    [DoesNotReturn]
    private static void Fail(string expression) => throw new InternalErrorException($"does not hold: {expression}");
}

/// <summary>A bug of this program or of the model's own code, never a finding about the kernel (exit code 3).</summary>
public sealed class InternalErrorException : Exception
{
    /// <summary>Says what does not hold.</summary>
    public InternalErrorException(string message) : base(message)
    {
    }

    /// <summary>Says where a model's code threw.</summary>
    public InternalErrorException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>For serializers.</summary>
    public InternalErrorException()
    {
    }
}
