using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace GmemActors.Engine;

/// <summary>One suspended call of a path: who called it, and how it ended.</summary>
internal abstract class Frame
{
    private ExceptionDispatchInfo? _error;

    internal KernelTask? Task { get; set; }

    internal Frame? Caller { get; set; }

    internal bool IsCompleted { get; private set; }

    /// <summary>Runs the path up to its next request.</summary>
    internal abstract void MoveNext();

    internal void Complete()
    {
        IsCompleted = true;
        if (Caller is not null) Task!.Continue(Caller);
    }

    internal void Fail(Exception exception)
    {
        _error = ExceptionDispatchInfo.Capture(exception);
        Complete();
    }

    internal void ThrowIfFailed() => _error?.Throw();
}

/// <summary>A frame that keeps its call's result.</summary>
internal abstract class Frame<T> : Frame
{
    internal T Result { get; set; } = default!;
}

/// <summary>A frame that keeps the compiler's state machine.</summary>
internal sealed class Frame<T, TStateMachine> : Frame<T>
    where TStateMachine : IAsyncStateMachine
{
    // A field, not a property: the machine is a struct and runs in place.
    internal TStateMachine StateMachine = default!;

    internal override void MoveNext() => StateMachine.MoveNext();

    /// <summary>Keeps a state machine on its first suspension; later ones run here already.</summary>
    internal static Frame Of(ref Frame<T>? frame, ref TStateMachine stateMachine)
    {
        if (frame is not null) return frame;
        var first = new Frame<T, TStateMachine>();

        // Before the copy: the machine holds its builder, and the builder must know this frame.
        frame = first;
        first.StateMachine = stateMachine;
        return first;
    }
}

/// <summary>A frame of a path that threw before its first suspension.</summary>
internal sealed class FailedFrame<T> : Frame<T>
{
    internal override void MoveNext() => throw new InternalErrorException("a failed path was resumed");
}
