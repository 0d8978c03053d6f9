using GmemActors.Engine;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Conditions;

/// <summary>A claim of a scenario file: an event, or statements about the state that hold together.</summary>
/// <param name="Name">What a property that states it is called.</param>
/// <param name="Sentence">The condition in words, where the file has them.</param>
/// <param name="Text">The condition as the file has it.</param>
/// <param name="Event">What paths note; null if it is about the state.</param>
/// <param name="Terms">The statements.</param>
public sealed record Claim(string Name, string? Sentence, string Text, string? Event, IReadOnlyList<Term> Terms)
{
    /// <summary>Whether all statements hold.</summary>
    internal bool Holds(Stage stage)
    {
        for (var i = 0; i < Terms.Count; i++)
        {
            if (!Terms[i].Holds(stage)) return false;
        }

        return true;
    }

    /// <summary>The actors it speaks of, each once.</summary>
    internal Actor[] Over(Stage stage) => [.. Terms.SelectMany(term => term.Predicate.Over(term.In(stage))).Distinct()];
}

/// <summary>One statement about the state.</summary>
/// <param name="Predicate">What is said.</param>
/// <param name="Arguments">The subject, then the words behind it.</param>
/// <param name="IsNot">Whether the opposite is said.</param>
/// <param name="Compared">How a number is compared; None if it is no number.</param>
/// <param name="With">What it is compared with.</param>
public sealed record Term(Predicate Predicate, IReadOnlyList<Argument> Arguments, bool IsNot, Comparison Compared, long With)
{
    internal Call In(Stage stage) => new(stage, null, Arguments);

    internal bool Holds(Stage stage) => IsNot != (Predicate.Holds?.Invoke(In(stage)) ?? Compares(Predicate.Count!(In(stage))));

    private bool Compares(long count) => Compared switch
    {
        Comparison.Equal => count == With,
        Comparison.NotEqual => count != With,
        Comparison.Less => count < With,
        _ => count > With,
    };
}

/// <summary>How two numbers are compared.</summary>
public enum Comparison
{
    /// <summary>They are not.</summary>
    None,

    /// <summary><c>==</c>.</summary>
    Equal,

    /// <summary><c>!=</c>.</summary>
    NotEqual,

    /// <summary><c>&lt;</c>.</summary>
    Less,

    /// <summary><c>&gt;</c>.</summary>
    Greater,
}
