namespace GmemActors.Engine;

/// <summary>Tells a retry loop that nothing can end any more from one that only waits for its turn.</summary>
/// <remarks>
/// All who can run are in loops that get nowhere, each having had the same answers in every one of its latest tries, whatever
/// the order in which they ran; and all who wait, wait for one who is stuck: it waits itself, or holds in every try what they want.
/// </remarks>
internal static class LivelockSearch
{
    internal static IReadOnlyList<EndlessLoop>? Find(IReadOnlyList<KernelTask> tasks)
    {
        var stuck = new List<KernelTask>();
        foreach (var task in tasks)
        {
            if (task.HasExited) continue;
            if (!IsStuck(task, stuck)) return null;
        }

        return
        [
            .. from task in tasks
               where !task.HasExited && task.IsIdle
               select new EndlessLoop(task.Name, task.Loop!.Why!, task.Loop.Tries, task.Loop.Length, task.Loop.Since),
        ];
    }

    private static bool IsStuck(KernelTask task, List<KernelTask> known)
    {
        if (task.IsIdle || known.Contains(task)) return true;
        if (task.Request is not { IsEnabled: false, Index: >= 0 } request) return false;
        known.Add(task);
        var blockers = WaitForGraph.Blockers(request);
        return blockers.Count == 0 || blockers.Exists(blocker => KeepsForEver(blocker, request, known));
    }

    private static bool KeepsForEver(Blocker blocker, Pending waiter, List<KernelTask> known)
    {
        if (!blocker.Task.IsIdle) return IsStuck(blocker.Task, known);
        var hold = blocker.Task.Held.Find(waiter.Queue!.Gate!.HeldBy);
        return hold is not null && hold.Step <= blocker.Task.Loop!.Since;
    }
}
