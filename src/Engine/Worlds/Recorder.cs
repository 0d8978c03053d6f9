namespace GmemActors.Engine;

/// <summary>Sees every step and every choice of a world.</summary>
public abstract class Recorder
{
    /// <summary>A message was handled; its sender has not gone on yet.</summary>
    public abstract void Delivered(long step, Pending delivered, Reply reply);

    /// <summary>A request joined those who wait in line for its lock or gate.</summary>
    public abstract void Queued(long step, Pending request);

    /// <summary>A choice of data or of a fault was made, in the continuation after the latest step.</summary>
    public abstract void Chose(KernelTask task, int count, string what, int chosen);
}
