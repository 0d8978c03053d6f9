using System.Runtime.CompilerServices;

namespace GmemActors.Engine;

/// <summary>A kernel path: straight-line <c>async</c> code with one <c>await</c> for each thing another CPU can see.</summary>
/// <remarks>
/// A type of its own rather than <c>ValueTask</c>, because a path may await requests and other paths and nothing else (anything
/// else fails at once, by name), and because resuming it costs one virtual call: no execution context, no scheduler.
/// </remarks>
[AsyncMethodBuilder(typeof(PathMethodBuilder))]
public readonly struct Path
{
    internal Path(Frame? frame) => Frame = frame;

    internal Frame? Frame { get; }

    /// <summary>For <c>await</c>.</summary>
    public PathAwaiter<Done> GetAwaiter() => new(Frame, default);

    internal static InternalErrorException Foreign() =>
        new("a path may await a request (current.Ask) or another path, nothing else");
}

/// <summary>A kernel path that returns a <typeparamref name="T"/>.</summary>
[AsyncMethodBuilder(typeof(PathMethodBuilder<>))]
public readonly struct Path<T>
{
    private readonly Frame<T>? _frame;
    private readonly T _result;

    internal Path(Frame<T> frame)
    {
        _frame = frame;
        _result = default!;
    }

    /// <summary>A path that has its result already.</summary>
    public Path(T result)
    {
        _frame = null;
        _result = result;
    }

    /// <summary>For <c>await</c>.</summary>
    public PathAwaiter<T> GetAwaiter() => new(_frame, _result);
}

/// <summary>Awaits a path.</summary>
public readonly struct PathAwaiter<T> : ICriticalNotifyCompletion, ISuspending
{
    private readonly Frame? _frame;
    private readonly T _result;

    internal PathAwaiter(Frame? frame, T result)
    {
        _frame = frame;
        _result = result;
    }

    /// <summary>Whether the path has run to its end.</summary>
    public bool IsCompleted => _frame is null || _frame.IsCompleted;

    /// <summary>What it returned.</summary>
    public T GetResult()
    {
        if (_frame is null) return _result;
        _frame.ThrowIfFailed();
        return _frame is Frame<T> frame ? frame.Result : default!;
    }

    /// <summary>Not for callers: only another path may await a path.</summary>
    public void OnCompleted(Action continuation) => throw Path.Foreign();

    /// <inheritdoc cref="OnCompleted"/>
    public void UnsafeOnCompleted(Action continuation) => throw Path.Foreign();

    void ISuspending.Suspend(Frame frame)
    {
        Check.That(_frame!.Caller is null);
        _frame.Caller = frame;
        frame.Task = _frame.Task;
    }
}
