using System.Runtime.CompilerServices;

namespace GmemActors.Engine;

/// <summary>What a path may await: an <see cref="Ask{TReply}"/> or another <see cref="Path"/>, nothing else.</summary>
internal interface ISuspending
{
    void Suspend(Frame frame);
}

/// <summary>A request that has been written down and is sent when awaited.</summary>
public readonly struct Ask<TReply> : ICriticalNotifyCompletion, ISuspending
{
    private readonly KernelTask _task;
    private readonly Actor _target;
    private readonly Message<TReply> _message;

    internal Ask(KernelTask task, Actor target, Message<TReply> message)
    {
        _task = task;
        _target = target;
        _message = message;
    }

    /// <summary>Never: every request is a step.</summary>
    public bool IsCompleted => false;

    /// <summary>For <c>await</c>.</summary>
    public Ask<TReply> GetAwaiter() => this;

    /// <summary>The reply.</summary>
    public TReply GetResult() => _task.TakeReply<TReply>();

    /// <summary>Not for callers: only a <see cref="Path"/> may await a request.</summary>
    public void OnCompleted(Action continuation) => throw Path.Foreign();

    /// <inheritdoc cref="OnCompleted"/>
    public void UnsafeOnCompleted(Action continuation) => throw Path.Foreign();

    void ISuspending.Suspend(Frame frame) => _task.Suspend(frame, _target, _message);
}
