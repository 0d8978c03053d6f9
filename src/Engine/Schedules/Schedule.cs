namespace GmemActors.Engine;

/// <summary>The recorded choices of an execution: replays it without its seed.</summary>
/// <param name="Model">The name of what was explored.</param>
/// <param name="Settings">What else determines the model, as names and values: <c>kernel</c>, <c>with</c>.</param>
/// <param name="Choices">The decisions, in their order.</param>
public sealed record Schedule(
    string Model, IReadOnlyList<KeyValuePair<string, string>> Settings, IReadOnlyList<Choice> Choices)
{
    /// <summary>The value of a setting; null if it is not set.</summary>
    public string? Setting(string name)
    {
        foreach (var setting in Settings)
        {
            if (setting.Key == name) return setting.Value;
        }

        return null;
    }
}
