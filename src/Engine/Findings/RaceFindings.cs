namespace GmemActors.Engine;

/// <summary>Two tasks use one field, one of them to write it, and nothing keeps them apart.</summary>
/// <param name="Step">The step of the second access.</param>
/// <param name="Field">What they use, and whose it is.</param>
/// <param name="First">The access that came first here.</param>
/// <param name="Second">The other.</param>
public sealed record DataRace(long Step, string Field, AccessText First, AccessText Second) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "data-race";

    /// <inheritdoc/>
    public override string Cause => $"{Functions} on {Field.Split(' ')[0]}";

    /// <inheritdoc/>
    public override string Title => $"BUG: KCSAN: data-race in {Functions}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [First.Of(Field), Second.Of(Field)];

    // In the order of the alphabet, as KCSAN has them: which came first is chance.
    private string Functions => string.Join(" / ", new[] { First.Function, Second.Function }.Order(StringComparer.Ordinal));
}

/// <summary>One side of a data race.</summary>
/// <param name="How">Read or write, marked or not.</param>
/// <param name="Task">By whom.</param>
/// <param name="Function">With which message, in the kernel's spelling.</param>
/// <param name="Step">In which step.</param>
/// <param name="Held">The locks it held.</param>
public sealed record AccessText(string How, string Task, string Function, long Step, IReadOnlyList<string> Held)
{
    internal string Of(string field) =>
        $"{How} {field} by task {Task} in {Function}, step {Step}, {(Held.Count == 0 ? "with no lock held" : $"with {string.Join(", ", Held)} held")}";
}

/// <summary>A grace period is waited for by who must end first: lockdep's RCU_LOCKDEP_WARN().</summary>
/// <param name="Step">The step of the request.</param>
/// <param name="Task">Who asked.</param>
/// <param name="Synchronize">What it asked for, in the kernel's spelling.</param>
/// <param name="Held">What it reads, and since when.</param>
public sealed record SuspiciousRcuUsage(long Step, string Task, string Synchronize, string Held) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "rcu-usage";

    /// <inheritdoc/>
    public override string Cause => Synchronize;

    /// <inheritdoc/>
    public override string Title => $"suspicious RCU usage: illegal {Synchronize}() in a read-side critical section ({Task})";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details => [$"{Task} reads {Held}"];
}

/// <summary>A task goes back to user space with locks held: lockdep_sys_exit().</summary>
/// <param name="Step">The step after which it did.</param>
/// <param name="Task">Who.</param>
/// <param name="Call">From which system call.</param>
/// <param name="Locks">What it holds.</param>
public sealed record HeldInUserSpace(long Step, string Task, string Call, IReadOnlyList<string> Locks) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "held-in-user-space";

    /// <inheritdoc/>
    public override string Cause => $"{Call}: {string.Join(", ", Locks)}";

    /// <inheritdoc/>
    public override string Title => $"lock held when returning to user space: {Task} leaves {Call} with {string.Join(", ", Locks)}";
}

/// <summary>The kernel cannot go on: BUG(), or KASAN's report of memory that is used after it was freed.</summary>
/// <param name="Step">The step that showed it.</param>
/// <param name="Task">Whose path it was.</param>
/// <param name="Text">What is logged.</param>
public sealed record KernelBug(long Step, string Task, string Text) : Finding(Step)
{
    /// <inheritdoc/>
    public override string Kind => "bug";

    /// <inheritdoc/>
    public override string Cause => Text;

    /// <inheritdoc/>
    public override string Title => $"BUG: {Text} ({Task})";
}
