namespace GmemActors.Engine;

/// <summary>Who waits for whom, at one moment.</summary>
/// <remarks>
/// A waiter needs every one of its blockers to act, so one blocker that waits in a ring is enough for a deadlock, whatever
/// everybody else does. Rings close only when somebody begins to wait, and only through who then waits.
/// </remarks>
internal static class WaitForGraph
{
    /// <summary>The ring that can be reached from a message that has just begun to wait, or null.</summary>
    internal static IReadOnlyList<WaitEdge>? FindCycle(Pending start)
    {
        var path = new List<(Pending Waiter, Blocker Blocker)>();
        var done = new List<Pending>();
        return Visit(start, path, done) ? Ring(path) : null;
    }

    /// <summary>Everybody who has not exited, and for what they wait.</summary>
    internal static IReadOnlyList<WaitEdge> Everybody(IReadOnlyList<KernelTask> tasks)
    {
        var edges = new List<WaitEdge>();
        foreach (var task in tasks)
        {
            if (task.Request is not { } request) continue;
            var blockers = Blockers(request);
            edges.Add(Edge(request, blockers.Count > 0 ? blockers[0] : null));
        }

        return edges;
    }

    /// <summary>Those who keep a waiting message from delivery.</summary>
    internal static List<Blocker> Blockers(Pending waiter)
    {
        var blockers = new List<Blocker>();
        if (waiter.Index >= 0) waiter.Queue?.Gate?.AddBlockers(waiter, blockers);
        return blockers;
    }

    private static bool Visit(Pending waiter, List<(Pending Waiter, Blocker Blocker)> path, List<Pending> done)
    {
        if (done.Contains(waiter)) return false;
        foreach (var blocker in Blockers(waiter))
        {
            path.Add((waiter, blocker));
            var next = blocker.Task.Request;
            if (next is not null && !next.IsEnabled)
            {
                if (path.Exists(edge => edge.Waiter == next) || Visit(next, path, done)) return true;
            }

            path.RemoveAt(path.Count - 1);
        }

        done.Add(waiter);
        return false;
    }

    private static List<WaitEdge> Ring(List<(Pending Waiter, Blocker Blocker)> path)
    {
        var closing = path[^1].Blocker.Task.Request;
        var first = path.FindIndex(edge => edge.Waiter == closing);
        return [.. path.Skip(first).Select(edge => Edge(edge.Waiter, edge.Blocker))];
    }

    private static WaitEdge Edge(Pending waiter, Blocker? blocker)
    {
        var gate = waiter.Queue?.Gate;
        var since = blocker?.Task.Held.Find(gate?.HeldBy)?.Step ?? 0;
        return new(
            waiter.Sender.Name,
            waiter.Message.KernelName,
            waiter.Target.Name,
            gate?.Name ?? "its turn",
            blocker?.Task.Name,
            blocker?.How ?? "",
            since);
    }
}
