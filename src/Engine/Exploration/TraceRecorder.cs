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
    public override void Delivered(long step, Pending delivered, Reply reply) =>
        Add(step, delivered, delivered.Message.Describe(reply), delivered.IsTell ? TraceKind.Told : TraceKind.Asked);

    /// <inheritdoc/>
    public override void Queued(long step, Pending request) => Add(step, request, "", TraceKind.Queued);

    /// <inheritdoc/>
    public override void Chose(KernelTask task, int count, string what, int chosen) =>
        Add(new DataChoice(task.Name, chosen, count, what));

    private void Add(long step, Pending pending, string reply, TraceKind kind)
    {
        var (task, actor, message) = (pending.Sender.Name, pending.Target.Name, pending.Message);
        var recorded = new TraceStep(step, task, actor, message.KernelName, message.Arguments, reply, kind);
        _steps.Add(recorded);
        Add(new Delivery(task, recorded.Message, actor));
        _fingerprint.Add(recorded.Arguments);
        _fingerprint.Add(recorded.Reply);
        _fingerprint.Add((ulong)kind);
    }

    private void Add(Choice choice)
    {
        _choices.Add(choice);
        _fingerprint.Add(choice.ToString());
    }
}
