namespace GmemActors.Actors;

/// <summary>A value or an error, as the kernel returns both in one word: <c>ERR_PTR()</c>.</summary>
public readonly record struct Result<T>(T Value, Errno Errno)
{
    /// <summary>Whether it is an error: <c>IS_ERR()</c>.</summary>
    public bool IsErr => Errno != Errno.None;

    /// <summary>A value.</summary>
    public static implicit operator Result<T>(T value) => new(value, Errno.None);

    /// <summary>An error.</summary>
    public static implicit operator Result<T>(Errno errno) => new(default!, errno);

    /// <inheritdoc/>
    public override string ToString() => IsErr ? Errno.Text() : $"{Value}";
}
