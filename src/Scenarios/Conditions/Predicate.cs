using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Conditions;

/// <summary>Something that can be said of the state: one entry in the vocabulary, and nothing else to write.</summary>
/// <param name="Name">The word.</param>
/// <param name="Subject">What it is said of: the word before it, or, of a number, the one in brackets.</param>
/// <param name="Summary">What it means, in one sentence.</param>
public sealed record Predicate(string Name, ArgumentType Subject, string Summary)
{
    /// <summary>The words behind it.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Whether it holds; null if it is a number.</summary>
    internal Func<Call, bool>? Holds { get; init; }

    /// <summary>The number; null if it holds or not.</summary>
    internal Func<Call, long>? Count { get; init; }

    /// <summary>The actors it is read from.</summary>
    internal Func<Call, Actor[]> Over { get; init; } = _ => [];

    /// <summary>Whether it is compared with a number: <c>pages(inode0) == 0</c>.</summary>
    public bool IsNumber => Count is not null;

    /// <summary>How it is written: <c>vm0 maps gpa</c>, <c>pages(inode0) == 0</c>.</summary>
    public string Usage => IsNumber
        ? $"{Name}({Subject.Name}) == 0"
        : string.Join(' ', [Subject.Name, Name, .. Parameters.Select(parameter => parameter.ToString())]);
}
