namespace GmemActors.Engine;

/// <summary>What the executions of a range of seeds had to tell.</summary>
public sealed class Tally
{
    private readonly List<FoundFinding> _findings = [];
    private readonly SortedDictionary<string, long> _sometimes = new(StringComparer.Ordinal);

    /// <summary>How many executions there were.</summary>
    public long Schedules { get; private set; }

    /// <summary>How many steps they had in all.</summary>
    public long Steps { get; private set; }

    /// <summary>A hash of the order of every execution with its seed: equal for equal explorations, whoever ran them.</summary>
    public ulong Orders { get; private set; }

    /// <summary>How many of them differed in the order of steps at some actor.</summary>
    public OrderSketch Distinct { get; } = new();

    /// <summary>The findings, one for each cause, in the order of the first seeds that showed them.</summary>
    public IReadOnlyList<FoundFinding> Findings => _findings;

    /// <summary>For each property that must hold sometimes, in how many executions it did.</summary>
    public IReadOnlyDictionary<string, long> Sometimes => _sometimes;

    /// <summary>Whether its last finding ended the exploration.</summary>
    public bool WasEnded { get; internal set; }

    /// <summary>Adds what was found for later seeds.</summary>
    public void Add(Tally later)
    {
        WasEnded |= later.WasEnded;
        Schedules += later.Schedules;
        Steps += later.Steps;
        Orders += later.Orders;
        Distinct.Add(later.Distinct);
        foreach (var found in later._findings) Add(found);
        foreach (var (name, count) in later._sometimes) Count(name, count);
    }

    internal void Add(ulong seed, World world, Finding? finding)
    {
        Schedules++;
        Steps += world.Step;
        var order = world.Order;
        Orders += Prng.Mix(order ^ Prng.Mix(seed));
        Distinct.Add(order);
        if (finding is not null) Add(new FoundFinding(seed, finding, 1));
        foreach (var property in world.Properties)
        {
            if (property.Kind == PropertyKind.Sometimes) Count(property.Name, property.Seen ? 1 : 0);
        }
    }

    private void Add(FoundFinding found)
    {
        var at = _findings.FindIndex(known => known.Finding.Fingerprint == found.Finding.Fingerprint);
        if (at < 0)
        {
            _findings.Add(found);
            return;
        }

        var (first, second) = _findings[at].Seed <= found.Seed ? (_findings[at], found) : (found, _findings[at]);
        _findings[at] = first with { Count = first.Count + second.Count };
    }

    private void Count(string name, long count) => _sometimes[name] = _sometimes.GetValueOrDefault(name) + count;
}

/// <summary>A finding, the first seed that showed it, and how many did.</summary>
public sealed record FoundFinding(ulong Seed, Finding Finding, long Count);
