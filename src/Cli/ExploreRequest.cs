namespace GmemActors.Cli;

/// <summary>What is to be explored, and how.</summary>
/// <param name="Experiments">The scenarios in their versions.</param>
/// <param name="Seeds">The seeds to run of each.</param>
/// <param name="Options">How they are run; the time is that of all experiments together.</param>
internal sealed record ExploreRequest(IReadOnlyList<Experiment> Experiments, SeedRange Seeds, CampaignOptions Options)
{
    /// <summary>Whether these are not all the seeds: what was not seen here may be seen in another shard.</summary>
    internal bool IsShard { get; init; }

    /// <summary>Whether the user named one scenario: then it is shown at length.</summary>
    internal bool IsSingle { get; init; }

    /// <summary>Where schedules are written; null if they are not.</summary>
    internal string? Folder { get; init; }
}
