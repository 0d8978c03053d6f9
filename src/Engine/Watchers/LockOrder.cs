using System.Numerics;

namespace GmemActors.Engine;

/// <summary>Learns in which order locks are taken, and reports an order that could deadlock though no task did: lockdep.</summary>
/// <remarks>
/// Locks of one name are one class. While a task holds a class and asks for another, the second comes after the first; a ring
/// of such rules is a deadlock that some other interleaving can run into. As in lockdep, a lock that both orders share does
/// not excuse them, a try-lock waits for nobody, and readers count, because a queued writer makes them wait too. A condition that
/// says so is a class too: who keeps it shut holds it, and who waits there asks for it.
/// Source: Documentation/locking/lockdep-design.rst.
/// </remarks>
internal sealed class LockOrder
{
    private const int MaxClasses = 64;

    private readonly List<string> _classes = [];
    private readonly List<LockRule> _rules = [];
    private ulong[] _after = new ulong[4];

    /// <summary>Learns from a request of a task that holds locks; returns what is wrong with it, or null.</summary>
    internal Finding? Asked(KernelTask task, Gate wanted, Message how, long step)
    {
        var (held, second) = (task.Held, ClassOf(wanted));
        for (var i = 0; i < held.Count; i++)
        {
            var holding = held[i].Lock;
            var first = ClassOf(holding);
            if (first != second)
            {
                if (After(first, second, task, how, step) is { } inversion) return inversion;
            }
            else if (holding == wanted || !MayNest(task, wanted))
            {
                return Recursion(task, held[i], wanted, how, step);
            }
        }

        for (var i = 0; i < task.OrderedGates?.Count; i++)
        {
            var first = ClassOf(task.OrderedGates[i]);
            if (first != second && After(first, second, task, how, step) is { } inversion) return inversion;
        }

        return null;
    }

    private static bool MayNest(KernelTask task, Gate wanted) =>
        wanted is Lock nesting && (nesting.NestsInItsClass || nesting.NestLock?.IsHeldBy(task) == true);

    private static LockRecursion Recursion(KernelTask task, Hold held, Gate wanted, Message how, long step) =>
        new(step, task.Name, wanted.Name, $"{how.KernelName}: {wanted.FullName}, while it holds {held.Lock.FullName} since step {held.Step}");

    // Learns that one class is taken after another; returns the ring that this closes, or null.
    private LockOrderInversion? After(int first, int second, KernelTask task, Message how, long step)
    {
        if ((_after[first] & (1ul << second)) != 0) return null;
        _after[first] |= 1ul << second;
        _rules.Add(new(first, second, task, how, step));
        return Leads(second, first) ? new(step, [Describe(_rules[^1]), .. Way(second, first)]) : null;
    }

    private int ClassOf(Gate one)
    {
        if (one.Class >= 0) return one.Class;
        var known = _classes.IndexOf(one.Name);
        if (known < 0)
        {
            known = _classes.Count;
            Check.That(known < MaxClasses);
            if (known == _after.Length) Array.Resize(ref _after, known * 2);
            _classes.Add(one.Name);
        }

        return one.Class = known;
    }

    private bool Leads(int from, int to)
    {
        var (seen, reached) = (0ul, 1ul << from);
        while (reached != 0)
        {
            var at = BitOperations.TrailingZeroCount(reached);
            seen |= 1ul << at;
            reached = (reached | _after[at]) & ~seen;
        }

        return (seen & (1ul << to)) != 0;
    }

    // The rules that lead from one class to another, the nearest way.
    private List<LockRuleText> Way(int from, int to)
    {
        var ways = new List<(int At, List<LockRuleText> Way)> { (from, []) };
        for (var i = 0; ; i++)
        {
            var (at, way) = ways[i];
            if (at == to) return way;
            foreach (var rule in _rules)
            {
                if (rule.First == at && !ways.Exists(known => known.At == rule.Second)) ways.Add((rule.Second, [.. way, Describe(rule)]));
            }
        }
    }

    private LockRuleText Describe(LockRule rule) =>
        new(_classes[rule.First], _classes[rule.Second], rule.Task.Name, rule.How.KernelName, rule.Step);

    private readonly record struct LockRule(int First, int Second, KernelTask Task, Message How, long Step);
}
