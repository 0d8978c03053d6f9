namespace GmemActors.Engine;

/// <summary>A recorded schedule asks for something that this model cannot do.</summary>
public sealed class OffTheRailsException : Exception
{
    /// <summary>Says at which recorded step, counted from 1, and why.</summary>
    public OffTheRailsException(int at, Delivery wanted, string why)
        : base($"the schedule leaves the rails at step {at} ({wanted}): {why}")
    {
    }

    /// <summary>For serializers.</summary>
    public OffTheRailsException()
    {
    }

    /// <summary>For serializers.</summary>
    public OffTheRailsException(string message) : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public OffTheRailsException(string message, Exception inner) : base(message, inner)
    {
    }
}
