using GmemActors.Engine;

namespace GmemActors.Scenarios.Files;

/// <summary>The order that a scenario file puts its tasks in: which labels were passed, and who is at which barrier.</summary>
/// <remarks>No object of the kernel: a test harness has as much.</remarks>
internal sealed class Meetings(string name) : Actor(name)
{
    private readonly SortedList<string, Meeting> _meetings = new(StringComparer.Ordinal);

    /// <summary>Something that opens when so many have come, before the world runs.</summary>
    internal void Expect(string meeting, int arrivals) => _meetings[meeting] = new(new(this, meeting), arrivals);

    /// <inheritdoc/>
    protected override Gate GateOf(KernelTask sender, Message message) => message switch
    {
        WaitFor wait => _meetings[wait.Meeting].Gate,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case Arrive arrive:
                var meeting = _meetings[arrive.Meeting];
                if (--meeting.Missing == 0) meeting.Gate.Open();
                return Reply.Done;
            case WaitFor or TryAgain:
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private sealed class Meeting(Condition gate, int missing)
    {
        internal Condition Gate { get; } = gate;

        internal int Missing { get; set; } = missing;
    }
}

/// <summary>A task has come to a label or a barrier.</summary>
internal sealed record Arrive(string Meeting) : Message<Done>;

/// <summary>Waits until all have come whom a label or a barrier is about.</summary>
internal sealed record WaitFor(string Meeting) : Wait<Done>;

/// <summary>A task goes back to try again.</summary>
internal sealed record TryAgain : Query<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    internal static readonly TryAgain Now = new();
}
