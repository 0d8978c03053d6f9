using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class LockOrderTests
{
    [Fact]
    public void Two_orders_of_two_locks_are_reported_though_no_task_ever_waited()
    {
        var finding = Run(async (current, locks) =>
        {
            await Nested(current, locks, 'a', 'b');
            await Nested(current, locks, 'b', 'a');
        });

        var inversion = Assert.IsType<LockOrderInversion>(finding);
        Assert.Equal(["b > a", "a > b"], inversion.Rules.Select(rule => $"{rule.First} > {rule.Second}"));
        Assert.Equal("possible circular locking dependency: b → a → b", inversion.Title);
    }

    [Fact]
    public void A_ring_of_three_is_reported_with_every_rule_in_it()
    {
        var finding = Run(async (current, locks) =>
        {
            await Nested(current, locks, 'a', 'b');
            await Nested(current, locks, 'b', 'c');
            await Nested(current, locks, 'c', 'a');
        });

        var inversion = Assert.IsType<LockOrderInversion>(finding);
        Assert.Equal(["c > a", "a > b", "b > c"], inversion.Rules.Select(rule => $"{rule.First} > {rule.Second}"));
    }

    [Fact]
    public void Readers_count_because_a_queued_writer_makes_them_wait()
    {
        var finding = Run(async (current, locks) =>
        {
            await Nested(current, locks, 'a', 'c', LockMode.Shared);
            await Nested(current, locks, 'c', 'a');
        });

        Assert.IsType<LockOrderInversion>(finding);
    }

    [Fact]
    public void One_order_however_often_is_no_finding()
    {
        var finding = Run(async (current, locks) =>
        {
            await Nested(current, locks, 'a', 'b');
            await Nested(current, locks, 'a', 'c');
            await Nested(current, locks, 'b', 'c');
            await Nested(current, locks, 'a', 'b');
        });

        Assert.Null(finding);
    }

    [Fact]
    public void A_trylock_waits_for_nobody_and_orders_nothing()
    {
        var finding = Run(async (current, locks) =>
        {
            await Nested(current, locks, 'a', 'b');
            await current.Ask(locks, new TakeLock('b'));
            Assert.True(await current.Ask(locks, new TryTakeLock('a')));
            await current.Ask(locks, new GiveLock('a'));
            await current.Ask(locks, new GiveLock('b'));
        });

        Assert.Null(finding);
    }

    [Fact]
    public void Two_locks_of_one_class_are_possible_recursion_unless_they_may_nest()
    {
        var recursion = RunTwo('a');
        var nesting = RunTwo('n');

        Assert.Equal("possible recursive locking: task takes a twice", recursion?.Title);
        Assert.Null(nesting);
    }

    [Fact]
    public void A_mutex_under_a_spinning_lock_is_a_sleep_in_atomic_context()
    {
        var finding = Run((current, locks) => Nested(current, locks, 's', 'a'));

        Assert.Equal("sleeping function called from invalid context: take_lock (task)", Assert.IsType<SleepInAtomic>(finding).Title);
    }

    [Fact]
    public void What_may_sleep_is_found_under_a_spinning_lock_and_nowhere_else()
    {
        var under = Run(async (current, locks) =>
        {
            await current.Ask(locks, new TakeLock('s'));
            current.MightSleep("copy_from_user");
            await current.Ask(locks, new GiveLock('s'));
        });
        var beside = Run(async (current, locks) =>
        {
            await Nested(current, locks, 'a', 's');
            current.MightSleep("copy_from_user");
        });

        Assert.Equal("copy_from_user", Assert.IsType<SleepInAtomic>(under).Asked);
        Assert.Null(beside);
    }

    private static async Path Nested(
        KernelTask current, TwoLocks locks, char outer, char inner, LockMode mode = LockMode.Exclusive)
    {
        await current.Ask(locks, new TakeLock(outer));
        await current.Ask(locks, new TakeLock(inner, mode));
        await current.Ask(locks, new GiveLock(inner));
        await current.Ask(locks, new GiveLock(outer));
    }

    private static Finding? RunTwo(char which)
    {
        var world = new World(new RandomWalk(1));
        var (first, second) = (world.Add(new TwoLocks("first")), world.Add(new TwoLocks("second")));
        world.Spawn("task", async current =>
        {
            await current.Ask(first, new TakeLock(which));
            await current.Ask(second, new TakeLock(which));
            await current.Ask(second, new GiveLock(which));
            await current.Ask(first, new GiveLock(which));
        });
        return world.Run();
    }

    private static Finding? Run(Func<KernelTask, TwoLocks, Path> body)
    {
        var world = new World(new RandomWalk(1));
        var locks = world.Add(new TwoLocks("locks"));
        world.Spawn("task", current => body(current, locks));
        return world.Run();
    }
}
