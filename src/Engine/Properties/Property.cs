namespace GmemActors.Engine;

/// <summary>When a property must hold.</summary>
public enum PropertyKind
{
    /// <summary>After every step.</summary>
    Always,

    /// <summary>In some execution, after some step: else a scenario does not show its point.</summary>
    Sometimes,

    /// <summary>When every task has exited.</summary>
    Finally,
}

/// <summary>A claim about a world.</summary>
public sealed class Property
{
    private readonly Func<string?>? _violation;
    private readonly Func<bool>? _holds;

    internal Property(PropertyKind kind, string name, Func<string?>? violation, Func<bool>? holds)
    {
        Kind = kind;
        Name = name;
        _violation = violation;
        _holds = holds;
    }

    /// <summary>When it must hold.</summary>
    public PropertyKind Kind { get; }

    /// <summary>The claim, as a sentence.</summary>
    public string Name { get; }

    /// <summary>Whether a property of the kind <see cref="PropertyKind.Sometimes"/> has been seen to hold.</summary>
    internal bool Seen { get; set; }

    /// <summary>Whether it holds now.</summary>
    internal bool Holds => _holds is null ? _violation!() is null : _holds();

    /// <summary>What breaks it, in the model's terms; may be empty.</summary>
    internal string Violation => _violation?.Invoke() ?? "";
}
