using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Scenarios.Random;

/// <summary>What a random program draws: each draw is a choice of the strategy, so that it replays and is written into schedules.</summary>
internal static class Draw
{
    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    internal static int Between(KernelTask current, int least, int most, string what) =>
        least + current.Choose(most - least + 1, what);

    /// <summary>Yes in one of so many draws.</summary>
    internal static bool OneIn(KernelTask current, int count, string what) => current.Choose(count, what) == 0;

    /// <summary>One of several.</summary>
    internal static T Of<T>(KernelTask current, IReadOnlyList<T> several, string what) => several[current.Choose(several.Count, what)];

    /// <summary>A range of pages, some of them beyond <paramref name="count"/>.</summary>
    internal static PageRange Pages(KernelTask current, int count)
    {
        var start = current.Choose(count, "first page");
        return PageRange.Of((ulong)start, 1 + (ulong)current.Choose(count, "pages"));
    }

    /// <summary>A range of guest frames, some of them perhaps beyond what the guest can name.</summary>
    internal static GfnRange Gfns(KernelTask current, GfnRange frames)
    {
        var count = (int)(frames.End.Value - frames.Start.Value);
        var start = frames.Start + (ulong)current.Choose(count, "first gfn");
        return new(start, start + 1 + (ulong)current.Choose(3, "gfns"));
    }
}
