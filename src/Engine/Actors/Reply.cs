using System.Runtime.CompilerServices;

namespace GmemActors.Engine;

/// <summary>The answer to a message: values of up to 8 bytes travel without a box.</summary>
public readonly struct Reply
{
    internal Reply(object? reference, ulong bits)
    {
        Reference = reference;
        Bits = bits;
    }

    /// <summary>Done, and no more to say.</summary>
    public static Reply Done => default;

    /// <summary>The value, where it does not fit into <see cref="Bits"/>.</summary>
    internal object? Reference { get; }

    /// <summary>What can be compared cheaply of the reply: its bits, or whether there is an object.</summary>
    internal ulong Bits { get; }

    /// <summary>Packs a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reply Of<T>(T value)
    {
        if (!IsPacked<T>()) return new(value, value is null ? 0u : 1u);
        ulong bits = 0;
        Unsafe.As<ulong, T>(ref bits) = value;
        return new(null, bits);
    }

    /// <summary>Unpacks the value that <see cref="Of{T}"/> packed as the same type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T As<T>()
    {
        // The bits say whether there is an object: a task keeps the reference of an earlier reply, which saves a write.
        if (!IsPacked<T>()) return Bits == 0 ? default! : (T)Reference!;
        var bits = Bits;
        return Unsafe.As<ulong, T>(ref bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPacked<T>() =>
        !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Unsafe.SizeOf<T>() <= sizeof(ulong);
}
