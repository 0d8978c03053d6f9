using System.Runtime.CompilerServices;

namespace GmemActors.Engine;

/// <summary>What the compiler calls to build an <c>async</c> <see cref="Path"/>.</summary>
public struct PathMethodBuilder
{
    private Frame<Done>? _frame;

    /// <summary>A builder for one call.</summary>
    public static PathMethodBuilder Create() => default;

    /// <summary>The call, as its caller sees it.</summary>
    public readonly Path Task => new(_frame);

    /// <summary>Runs up to the first request.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>The path returned.</summary>
    public readonly void SetResult() => _frame?.Complete();

    /// <summary>The path threw.</summary>
    public void SetException(Exception exception) => (_frame ??= new FailedFrame<Done>()).Fail(exception);

    /// <summary>Unused: the frame keeps the state machine.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>Suspends at an <c>await</c>.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => Suspend(ref awaiter, Frame<Done, TStateMachine>.Of(ref _frame, ref stateMachine));

    /// <summary>Suspends at an <c>await</c>.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => Suspend(ref awaiter, Frame<Done, TStateMachine>.Of(ref _frame, ref stateMachine));

    // In this shape, generic code over a struct, the test is a constant and the cast costs no box.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Suspend<TAwaiter>(ref TAwaiter awaiter, Frame frame)
    {
        if (default(TAwaiter) is not null && awaiter is ISuspending) ((ISuspending)awaiter).Suspend(frame);
        else throw Path.Foreign();
    }
}

/// <summary>What the compiler calls to build an <c>async</c> <see cref="Path{T}"/>.</summary>
public struct PathMethodBuilder<T>
{
    private Frame<T>? _frame;
    private T _result;

    /// <summary>A builder for one call.</summary>
    public static PathMethodBuilder<T> Create() => default;

    /// <summary>The call, as its caller sees it.</summary>
    public readonly Path<T> Task => _frame is null ? new(_result) : new(_frame);

    /// <summary>Runs up to the first request.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>The path returned.</summary>
    public void SetResult(T result)
    {
        if (_frame is null)
        {
            _result = result;
            return;
        }

        _frame.Result = result;
        _frame.Complete();
    }

    /// <summary>The path threw.</summary>
    public void SetException(Exception exception) => (_frame ??= new FailedFrame<T>()).Fail(exception);

    /// <summary>Unused: the frame keeps the state machine.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>Suspends at an <c>await</c>.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        PathMethodBuilder.Suspend(ref awaiter, Frame<T, TStateMachine>.Of(ref _frame, ref stateMachine));

    /// <summary>Suspends at an <c>await</c>.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        PathMethodBuilder.Suspend(ref awaiter, Frame<T, TStateMachine>.Of(ref _frame, ref stateMachine));
}
