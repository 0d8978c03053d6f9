using GmemActors.Actors;

namespace GmemActors.Scenarios;

/// <summary>The machine of a stage, as far as scenarios choose it.</summary>
public sealed record StageOptions
{
    /// <summary>A small machine in which nothing fails.</summary>
    public static StageOptions Default { get; } = new();

    /// <summary>How many frames the host has.</summary>
    public int Frames { get; init; } = 8;

    /// <summary>What fails though nothing is wrong with it.</summary>
    public FaultInjection Faults { get; init; } = FaultInjection.None;
}
