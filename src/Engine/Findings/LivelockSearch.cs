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
        // Everybody must be stuck, so each may take it of the others for granted: it is looked at in its turn.
        foreach (var task in tasks)
        {
            if (task.HasTold || !(task.HasExited || task.IsIdle || IsKeptForEver(task))) return null;
        }

        return
        [
            .. from task in tasks
               where !task.HasExited && task.IsIdle
               select new EndlessLoop(task.Name, task.Loop!.Why!, task.Loop.Tries, task.Loop.Length, task.Loop.Since),
        ];
    }

    private static bool IsKeptForEver(KernelTask task)
    {
        if (task.Request is not { IsEnabled: false, Index: >= 0 } request) return false;
        var blockers = WaitForGraph.Blockers(request);
        return blockers.Count == 0 || blockers.Exists(KeepsForEver);
    }

    // Who is in a loop lets go of what it took in this try.
    private static bool KeepsForEver(Blocker blocker) =>
        !blocker.Task.IsIdle || blocker.Since <= blocker.Task.Loop!.Since;
}
