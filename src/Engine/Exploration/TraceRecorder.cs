namespace GmemActors.Engine;

/// <summary>Records everything of an execution: steps for reports, choices for a schedule, and a fingerprint of both.</summary>
internal sealed class TraceRecorder : Recorder
{
    private readonly List<TraceStep> _steps = [];
    private readonly List<Choice> _choices = [];
    private Fingerprint _fingerprint = new();

    internal IReadOnlyList<TraceStep> Steps => _steps;

    internal IReadOnlyList<Choice> Choices => _choices;

    internal ulong Fingerprint => _fingerprint.Value;

    /// <inheritdoc/>
    public override void Delivered(long step, Pending delivered, Reply reply)
    {
        var (task, actor, message) = (delivered.Sender.Name, delivered.Target.Name, delivered.Message);
        var name = message.KernelName;
        var recorded = new TraceStep(step, task, actor, name, message.Arguments, message.Describe(reply), delivered.IsTell);
        _steps.Add(recorded);
        Add(new Delivery(task, name, actor));
        _fingerprint.Add(recorded.Arguments);
        _fingerprint.Add(recorded.Reply);
    }

    /// <inheritdoc/>
    public override void Chose(KernelTask task, int count, string what, int chosen) =>
        Add(new DataChoice(task.Name, chosen, count, what));

    private void Add(Choice choice)
    {
        _choices.Add(choice);
        _fingerprint.Add(choice.ToString());
    }
}
