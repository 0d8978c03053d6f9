namespace GmemActors.Cli;

/// <summary>Shows what an exploration came to.</summary>
internal interface IExploreOutput
{
    /// <summary>One experiment has ended.</summary>
    void Add(Outcome outcome);

    /// <summary>All have ended, or will not be run.</summary>
    void End(bool isInterrupted);
}
