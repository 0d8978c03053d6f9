namespace GmemActors.Engine;

/// <summary>Something that an execution showed to be wrong with what is modelled. The family is closed.</summary>
/// <param name="Step">The step that showed it; 0 before the first.</param>
public abstract record Finding(long Step)
{
    /// <summary>What is wrong, as a short name: <c>deadlock</c>. Part of the interface of <c>--json</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What it is about, without names of the moment: equal for two findings of one cause.</summary>
    public abstract string Cause { get; }

    /// <summary>The headline.</summary>
    public abstract string Title { get; }

    /// <summary>What else is to be said, a line each.</summary>
    public virtual IReadOnlyList<string> Details => [];

    /// <summary>What the kernel, or lockdep, would have logged in the same execution and gone on.</summary>
    public IReadOnlyList<Finding> Warnings { get; init; } = [];

    /// <summary>Equal for two findings of one cause.</summary>
    public ulong Fingerprint => Engine.Fingerprint.Of(Kind, Cause);
}

/// <summary>A property does not hold.</summary>
/// <param name="Step">The step after which it did not hold.</param>
/// <param name="Property">The claim.</param>
/// <param name="Violation">What breaks it.</param>
public sealed record PropertyBroken(long Step, string Property, string Violation) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "property";

    /// <inheritdoc/>
    public override string Cause => Property;

    /// <inheritdoc/>
    public override string Title => $"does not hold: {Property}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => Violation.Length == 0 ? [] : [Violation];
}

/// <summary>Tasks wait for one another, or for something that nobody is left to do.</summary>
/// <param name="Step">The step in which the last of them began to wait.</param>
/// <param name="Waits">Who waits for what, and who holds it.</param>
/// <param name="IsCycle">Whether they wait for one another in a ring.</param>
public sealed record Deadlock(long Step, IReadOnlyList<WaitEdge> Waits, bool IsCycle) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "deadlock";

    /// <inheritdoc/>
    public override string Cause =>
        string.Join("; ", Waits.Select(wait => $"{wait.Message} {wait.Gate}").Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public override string Title => (IsCycle, Waits.Count) switch
    {
        (true, 1) => $"{Waits[0].Waiter} waits for itself",
        (true, _) => $"{string.Join(" → ", Waits.Select(wait => wait.Waiter))} → {Waits[0].Waiter} wait for one another",
        _ => $"nothing can run: {string.Join(", ", Waits.Select(wait => wait.Waiter))} wait{(Waits.Count == 1 ? "s" : "")} for ever",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [.. Waits.Select(wait => wait.ToString())];
}

/// <summary>Who waits for whom.</summary>
/// <param name="Waiter">The task that waits.</param>
/// <param name="Message">What it asked for, in the kernel's spelling.</param>
/// <param name="Actor">Whom it asked.</param>
/// <param name="Gate">The lock or condition it waits for.</param>
/// <param name="Blocker">Who keeps it waiting; null if nobody in particular.</param>
/// <param name="How">How the blocker does that.</param>
/// <param name="Since">The step in which the blocker took it; 0 if that does not apply.</param>
public sealed record WaitEdge(
    string Waiter, string Message, string Actor, string Gate, string? Blocker, string How, long Since)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var blame = Blocker is null ? "" : $": {Blocker} {How}{(Since > 0 ? $" since step {Since}" : "")}";
        return $"{Waiter} waits in {Message} {Actor} for {Gate}{blame}";
    }
}

/// <summary>Retry loops that nothing can end any more.</summary>
/// <param name="Step">The step with which the last equal try ended.</param>
/// <param name="Loops">The tasks in their loops.</param>
public sealed record Livelock(long Step, IReadOnlyList<EndlessLoop> Loops) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "livelock";

    /// <inheritdoc/>
    public override string Cause =>
        string.Join("; ", Loops.Select(loop => loop.Why).Distinct().Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public override string Title => $"{string.Join(", ", Loops.Select(loop => loop.Task))} retr{(Loops.Count == 1 ? "ies" : "y")} for ever: {Cause}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [.. Loops.Select(loop => loop.ToString())];
}

/// <summary>A task in a retry loop that gets nowhere.</summary>
/// <param name="Task">Who retries.</param>
/// <param name="Why">The kernel's test that fails each time.</param>
/// <param name="Tries">How many tries there were.</param>
/// <param name="Length">The steps of one try.</param>
/// <param name="Since">The step after which every try had the same answers.</param>
public sealed record EndlessLoop(string Task, string Why, int Tries, long Length, long Since)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Task}: {Why}, {Tries} tries of {Length} steps, all alike since step {Since}; nobody is left to change the answer";
}

/// <summary>A task ended while it held locks.</summary>
/// <param name="Step">The step in which it ended.</param>
/// <param name="Task">Who ended.</param>
/// <param name="Locks">What it held.</param>
public sealed record HeldAtExit(long Step, string Task, IReadOnlyList<string> Locks) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "held-at-exit";

    /// <inheritdoc/>
    public override string Cause => string.Join(", ", Locks);

    /// <inheritdoc/>
    public override string Title => $"{Task} exits with locks held: {Cause}";
}

/// <summary>A lock is given back by a task that does not hold it.</summary>
/// <param name="Step">The step of the release.</param>
/// <param name="Task">Who gave it back.</param>
/// <param name="Lock">What it did not hold.</param>
public sealed record BadUnlock(long Step, string Task, string Lock) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "bad-unlock";

    /// <inheritdoc/>
    public override string Cause => Lock;

    /// <inheritdoc/>
    public override string Title => $"{Task} unlocks {Lock} and does not hold it";
}

/// <summary>Locks are taken in orders that could deadlock, though no task did.</summary>
/// <param name="Step">The step whose request closed the ring.</param>
/// <param name="Rules">The ring: which class is taken while which is held, by whom. The first is the one that closed it.</param>
public sealed record LockOrderInversion(long Step, IReadOnlyList<LockRuleText> Rules) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "lock-order";

    /// <inheritdoc/>
    public override string Cause =>
        string.Join("; ", Rules.Select(rule => $"{rule.First} > {rule.Second}").Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public override string Title =>
        $"possible circular locking dependency: {string.Join(" → ", Rules.Select(rule => rule.First))} → {Rules[0].First}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [.. Rules.Select(rule => rule.ToString())];
}

/// <summary>An order of two lock classes, and who showed it first.</summary>
/// <param name="First">The class that was held.</param>
/// <param name="Second">The class that was asked for.</param>
/// <param name="Task">By whom.</param>
/// <param name="How">With which message.</param>
/// <param name="Step">After which step.</param>
public sealed record LockRuleText(string First, string Second, string Task, string How, long Step)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Task} asks for {Second} ({How}) while it holds {First}, after step {Step}";
}

/// <summary>A lock is taken by a task that holds it, or one of its class, already.</summary>
/// <param name="Step">The step after which it was asked for.</param>
/// <param name="Task">Who asked.</param>
/// <param name="Lock">The class.</param>
/// <param name="Detail">What it asked for, and what it held.</param>
public sealed record LockRecursion(long Step, string Task, string Lock, string Detail) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "lock-recursion";

    /// <inheritdoc/>
    public override string Cause => Lock;

    /// <inheritdoc/>
    public override string Title => $"possible recursive locking: {Task} takes {Lock} twice";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [Detail];
}

/// <summary>A task may sleep while it holds a spinning lock.</summary>
/// <param name="Step">The step after which it asked.</param>
/// <param name="Task">Who.</param>
/// <param name="Asked">What may sleep, in the kernel's spelling.</param>
/// <param name="Held">The spinning lock, and since when.</param>
public sealed record SleepInAtomic(long Step, string Task, string Asked, string Held) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "sleep-in-atomic";

    /// <inheritdoc/>
    public override string Cause => Asked;

    /// <inheritdoc/>
    public override string Title => $"sleeping function called from invalid context: {Asked} ({Task})";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [$"{Task} holds {Held}"];
}

/// <summary>A <c>WARN</c> of the kernel.</summary>
/// <param name="Step">The step in which it was logged.</param>
/// <param name="Task">Whose path it was.</param>
/// <param name="Text">What it says.</param>
public sealed record KernelWarning(long Step, string Task, string Text) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "warn";

    /// <inheritdoc/>
    public override string Cause => Text;

    /// <inheritdoc/>
    public override string Title => $"WARN: {Text} ({Task})";
}

/// <summary>A call returned what whoever called it did not expect.</summary>
/// <param name="Step">The step after which it returned; 0 if it asked nobody.</param>
/// <param name="Task">Who called.</param>
/// <param name="Call">The call with its arguments.</param>
/// <param name="Returned">What it returned.</param>
/// <param name="Expected">What it may return.</param>
public sealed record WrongErrno(long Step, string Task, string Call, string Returned, string Expected) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "wrong-errno";

    /// <inheritdoc/>
    public override string Cause => $"{Call}: {Returned}";

    /// <inheritdoc/>
    public override string Title => $"{Task}: {Call} returned {Returned}, not {Expected}";
}

/// <summary>The execution did not end within the bound on steps.</summary>
/// <param name="Step">The bound.</param>
/// <param name="Running">Who had not ended.</param>
public sealed record StepLimit(long Step, IReadOnlyList<string> Running) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "step-limit";

    /// <inheritdoc/>
    public override string Cause => "step limit";

    /// <inheritdoc/>
    public override string Title => $"not ended after {Step} steps: {string.Join(", ", Running)}";
}
