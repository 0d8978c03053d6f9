using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>How a range of seeds is run.</summary>
/// <param name="Workers">On how many threads.</param>
/// <param name="KeepGoing">Whether no finding ends it.</param>
/// <param name="Twice">Whether every seed is run twice more, with everything recorded, and compared.</param>
/// <param name="Time">How long it may take; null for as long as it takes.</param>
internal sealed record CampaignOptions(int Workers, bool KeepGoing = false, bool Twice = false, TimeSpan? Time = null);

/// <summary>What came of a campaign.</summary>
/// <param name="Tally">What the executions had to tell.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="IsCutShort">Whether time or the user ended it before all seeds were run and before a finding did.</param>
internal sealed record CampaignResult(Tally Tally, double Seconds, bool IsCutShort);

/// <summary>An execution showed a bug of this program or of the model's own code.</summary>
internal sealed class CampaignErrorException(ulong seed, string message) : Exception(message)
{
    /// <summary>The seed of the execution.</summary>
    internal ulong Seed { get; } = seed;
}
