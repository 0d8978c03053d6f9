namespace GmemActors.Engine;

/// <summary>A message that has been sent and not yet delivered.</summary>
public sealed class Pending
{
    internal Pending(KernelTask sender, bool isTell)
    {
        Sender = sender;
        IsTell = isTell;
    }

    /// <summary>Who sent it.</summary>
    public KernelTask Sender { get; }

    /// <summary>Whose turn it is when it is delivered.</summary>
    public Actor Target { get; internal set; } = null!;

    /// <summary>What is asked.</summary>
    public Message Message { get; internal set; } = null!;

    /// <summary>Whether the sender goes on without waiting for it.</summary>
    public bool IsTell { get; }

    /// <summary>The step in which it was sent; 0 before the first.</summary>
    public long SentAt { get; internal set; }

    /// <summary>For the strategy's own use.</summary>
    public ulong Rank { get; set; }

    /// <summary>For the strategy's own use: until when <see cref="Rank"/> holds.</summary>
    public long RankedAt { get; set; } = -1;

    /// <summary>Where it waits, or waited last.</summary>
    internal WaitQueue? Queue { get; set; }

    /// <summary>Its place in <see cref="Queue"/>; −1 when it is delivered, or behind another of the same sender.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>A later message of the same sender to the same actor: it comes after this one.</summary>
    internal Pending? Behind { get; set; }

    /// <summary>Whether it can be delivered now.</summary>
    internal bool IsEnabled => Index >= 0 && Queue is { Visible: > 0 } queue && (queue.Visible == queue.Count || queue[0] == this);
}
