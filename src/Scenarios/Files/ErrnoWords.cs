using GmemActors.Actors;

namespace GmemActors.Scenarios.Files;

/// <summary>Results as files spell them: <c>OK</c>, <c>EAGAIN</c>.</summary>
internal static class ErrnoWords
{
    /// <summary>All of them.</summary>
    internal static readonly string[] All = [.. Enum.GetValues<Errno>().Select(Of)];

    internal static string Of(Errno errno) => errno == Errno.None ? "OK" : errno.ToString();

    internal static Errno Of(string word) => word == "OK" ? Errno.None : Enum.Parse<Errno>(word);

    /// <summary>Several: <c>OK|EAGAIN</c>; any, if it is null.</summary>
    internal static string Of(IReadOnlyList<Errno>? errnos) => errnos is null ? "any" : string.Join('|', errnos.Select(Of));
}
