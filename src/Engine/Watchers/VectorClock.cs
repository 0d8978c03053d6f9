using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GmemActors.Engine;

/// <summary>How far each task had come in what is known to have happened before.</summary>
/// <remarks>The ticks of eight tasks are compared at once: worlds rarely have more.</remarks>
internal sealed class VectorClock
{
    private int[] _ticks = new int[Vector256<int>.Count];

    /// <summary>How far a task had come.</summary>
    internal int this[int task] => task < _ticks.Length ? _ticks[task] : 0;

    /// <summary>What a task does from now on is known to nobody yet.</summary>
    internal void Tick(int task)
    {
        Reserve(task + 1);
        _ticks[task]++;
    }

    /// <summary>What happened before <paramref name="other"/> happened before this too.</summary>
    internal void Join(VectorClock other)
    {
        Reserve(other._ticks.Length);
        ref var mine = ref MemoryMarshal.GetArrayDataReference(_ticks);
        ref var theirs = ref MemoryMarshal.GetArrayDataReference(other._ticks);
        for (nuint i = 0; i < (nuint)other._ticks.Length; i += (nuint)Vector256<int>.Count)
        {
            Vector256.Max(Vector256.LoadUnsafe(ref mine, i), Vector256.LoadUnsafe(ref theirs, i)).StoreUnsafe(ref mine, i);
        }
    }

    private void Reserve(int count)
    {
        if (count <= _ticks.Length) return;
        var lanes = Vector256<int>.Count;
        Array.Resize(ref _ticks, Math.Max(_ticks.Length * 2, (count + lanes - 1) / lanes * lanes));
    }
}
