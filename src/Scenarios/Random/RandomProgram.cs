using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Random;

/// <summary>Objects, guests and system calls that are drawn from the seed: nothing is expected but that nothing is found.</summary>
/// <remarks>
/// Each draw is a choice of the strategy, made when it is needed; so a seed, or a schedule, replays program and interleaving alike.
/// In a kernel with bugs it comes upon what the catalogue's other scenarios show of them, and that is no surprise.
/// </remarks>
public sealed class RandomProgram(bool withFaults = false) : Scenario
{
    private const int Frames = 12;
    private const int MostThreads = 3;

    /// <inheritdoc/>
    public override string Name => withFaults ? "random-program-with-faults" : "random-program";

    /// <inheritdoc/>
    public override string Point => withFaults
        ? "Whatever a VMM and its guests do, and whatever fails or is interrupted meanwhile, nothing goes wrong."
        : "Whatever a VMM and its guests do, nothing goes wrong.";

    /// <inheritdoc/>
    public override ExpectedFinding? Shows => null;

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        .. from scenario in Catalogue.All
           where scenario is not RandomProgram
           from expected in scenario.Shows is { } shows ? scenario.MayShow.Append(shows) : scenario.MayShow
           select expected,
        .. RandomFindings.All,
    ];

    /// <inheritdoc/>
    protected override StageOptions Machine => new()
    {
        Frames = Frames,
        Faults = withFaults ? new(Actors.FaultKind.All) : FaultInjection.None,
    };

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        stage.Task("setting", current =>
        {
            var setting = RandomSetting.Of(current, stage);
            foreach (var vcpu in setting.Vcpus) stage.Task($"run:{vcpu}", task => RandomGuest.Run(task, vcpu));
            for (var i = Draw.Between(current, 1, MostThreads, "threads") - 1; i >= 0; i--)
            {
                stage.Task($"thread{i}", task => RandomCalls.Run(task, setting));
            }

            return default(Path);
        });
    }
}
