using GmemActors.Engine;

namespace GmemActors.Tests.Small;

/// <summary>Models with one point each, in a few lines.</summary>
internal static class SmallModels
{
    /// <summary>Two tasks count without a lock: one count may get lost.</summary>
    internal static Model LostUpdate { get; } = new("lost-update", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("vcpu0", current => Increment(current, counter, locked: false));
        world.Spawn("vcpu1", current => Increment(current, counter, locked: false));
        world.Spawn("idle", _ => default);
        world.Sometimes("both count", () => counter.Count == 2, counter);
        world.Finally("every count counts", () => counter.Count == 2 ? null : $"count = {counter.Count}");
    });

    /// <summary>The same under a lock.</summary>
    internal static Model Locked { get; } = new("locked", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("vcpu0", current => Increment(current, counter, locked: true));
        world.Spawn("vcpu1", current => Increment(current, counter, locked: true));
        world.Sometimes("both count", () => counter.Count == 2, counter);
        world.Finally("every count counts", () => counter.Count == 2 ? null : $"count = {counter.Count}");
    });

    /// <summary>The same, with a point that it never shows.</summary>
    internal static Model Pointless { get; } = new("pointless", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("vcpu0", current => Increment(current, counter, locked: true));
        world.Sometimes("the count is three", () => counter.Count == 3, counter);
    });

    /// <summary>Two locks, taken in both orders.</summary>
    internal static Model AbBa { get; } = new("ab-ba", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("punch", current => Nested(current, counter, new LockPage(), new MmuLock(LockMode.Exclusive), new MmuUnlock(), new UnlockPage()));
        world.Spawn("vcpu0", current => Nested(current, counter, new MmuLock(LockMode.Shared), new LockPage(), new UnlockPage(), new MmuUnlock()));
    });

    /// <summary>A task retries until a count changes that nobody changes.</summary>
    internal static Model Endless { get; } = new("endless", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("punch", current => Increment(current, counter, locked: true));
        world.Spawn("vcpu0", current => Spin(current, counter));
    });

    /// <summary>A choice of data, told messages, a warning, and a lock that is kept.</summary>
    internal static Model Faulty { get; } = new("faulty", world =>
    {
        var counter = world.Add(new Counter());
        world.Spawn("vcpu0", async current =>
        {
            current.Tell(counter, new WriteCount(7));
            await current.Ask(counter, new LockPage());
            var fails = current.Choose(2, "alloc_page fails") == 1;
            if (current.WarnOn(fails, "WARN_ON_ONCE(!folio)")) await current.Ask(counter, new WriteCount(0));
            else await current.Ask(counter, new UnlockPage());
        });
    });

    /// <summary>So many tasks that each count once.</summary>
    internal static Model Crowd(int tasks) => new("crowd", world =>
    {
        var counter = world.Add(new Counter());
        for (var i = 0; i < tasks; i++) world.Spawn($"vcpu{i}", current => Increment(current, counter, locked: true));
        world.Always($"the count is below {tasks}", () => counter.Count < tasks ? null : $"count = {counter.Count}", counter);
    });

    private static async Path Increment(KernelTask current, Counter counter, bool locked)
    {
        if (locked) await current.Ask(counter, new LockPage());
        var count = await current.Ask(counter, new ReadCount());
        await current.Ask(counter, new WriteCount(count + 1));
        if (locked) await current.Ask(counter, new UnlockPage());
    }

    private static async Path Nested(KernelTask current, Counter counter, params Message<Done>[] messages)
    {
        foreach (var message in messages) await current.Ask(counter, message);
    }

    private static async Path Spin(KernelTask current, Counter counter)
    {
        while (true)
        {
            await current.Ask(counter, new MmuLock(LockMode.Shared));
            var count = await current.Ask(counter, new ReadCount());
            await current.Ask(counter, new MmuUnlock());
            if (count > 1) break;
            current.Retry("mmu_invalidate_retry");
        }
    }
}
