namespace GmemActors.Engine;

/// <summary>Sees every step and every choice of a world.</summary>
public abstract class Recorder
{
    /// <summary>A message was handled; its sender has not gone on yet.</summary>
    public abstract void Delivered(long step, Pending delivered, Reply reply);

    /// <summary>A request for a lock joined those who wait for it in line.</summary>
    public abstract void Queued(long step, Pending request);

    /// <summary>A choice of data or of a fault was made, in the continuation after the latest step.</summary>
    public abstract void Chose(KernelTask task, int count, string what, int chosen);
}
