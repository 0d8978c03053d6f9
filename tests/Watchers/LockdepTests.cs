using GmemActors.Engine;
using GmemActors.Tests.Engine;

namespace GmemActors.Tests.Watchers;

/// <summary>What lockdep says beside the order of locks.</summary>
public class LockdepTests
{
    [Fact]
    public void Who_waits_for_a_grace_period_that_it_keeps_open_is_told_so_before_it_hangs()
    {
        var deadlock = Run(async (current, shared) =>
        {
            await current.Ask(shared, new Enter('s', LockMode.Shared));
            await current.Ask(shared, new Synchronize());
        });

        var usage = Assert.IsType<SuspiciousRcuUsage>(Assert.Single(Assert.IsType<Deadlock>(deadlock).Warnings));
        Assert.Equal("suspicious RCU usage: illegal synchronize() in a read-side critical section (task)", usage.Title);
        Assert.Equal("task reads srcu shared since step 1", usage.Details[0]);
    }

    [Fact]
    public void Who_reads_after_a_grace_period_is_not()
    {
        Assert.Null(Run(async (current, shared) =>
        {
            await current.Ask(shared, new Synchronize());
            await current.Ask(shared, new Enter('s', LockMode.Shared));
            await current.Ask(shared, new Leave('s'));
        }));
    }

    [Fact]
    public void A_lock_that_is_taken_inside_a_reader_and_around_a_grace_period_is_a_circle()
    {
        var finding = Run(async (current, shared) =>
        {
            await current.Ask(shared, new Enter('m'));
            await current.Ask(shared, new Synchronize());
            await current.Ask(shared, new Leave('m'));
            await current.Ask(shared, new Enter('s', LockMode.Shared));
            await current.Ask(shared, new Enter('m'));
            await current.Ask(shared, new Leave('m'));
            await current.Ask(shared, new Leave('s'));
        });

        Assert.Equal("mutex > srcu; srcu > mutex", Assert.IsType<LockOrderInversion>(finding).Cause);
    }

    [Fact]
    public void A_second_shared_acquisition_is_recursion_because_a_writer_may_come_in_between()
    {
        var alone = Run(TwiceShared);
        var findings = Enumerable.Range(0, 100).Select(seed => Run(TwiceShared, (ulong)seed, withWriter: true)).ToList();

        Assert.Equal("possible recursive locking: task takes rwlock twice", alone?.Title);
        Assert.Contains(findings, finding => finding is Deadlock { IsCycle: true, Warnings: [LockRecursion] });
        Assert.Contains(findings, finding => finding is LockRecursion);
    }

    [Fact]
    public void Several_of_a_class_may_be_taken_under_the_lock_that_orders_them_and_not_without()
    {
        Assert.Null(Nest(withNestLock: true));
        Assert.Equal("possible recursive locking: task takes inner twice", Nest(withNestLock: false)?.Title);
    }

    [Fact]
    public void Who_keeps_a_condition_shut_must_not_take_what_is_held_by_those_who_wait()
    {
        static async Path Wait(KernelTask current, Gated gated)
        {
            await current.Ask(gated, new TakeInner());
            await current.Ask(gated, new WaitForOpen());
            await current.Ask(gated, new GiveInner());
        }

        static async Path KeepShut(KernelTask current, Gated gated)
        {
            await current.Ask(gated, new ShutIt());
            await current.Ask(gated, new TakeInner());
            await current.Ask(gated, new GiveInner());
            await current.Ask(gated, new OpenIt());
        }

        static async Path Inside(KernelTask current, Gated gated)
        {
            await current.Ask(gated, new TakeInner());
            await current.Ask(gated, new ShutIt());
            await current.Ask(gated, new OpenIt());
            await current.Ask(gated, new GiveInner());
        }

        static Finding? InTurn(bool isOrdered, params Func<KernelTask, Gated, Path>[] paths) => Toys.Find(world =>
        {
            var gated = world.Add(new Gated("gated", null, isOrdered));
            world.Spawn("task", async current =>
            {
                foreach (var path in paths) await path(current, gated);
            });
        });

        Assert.Equal("gate > inner; inner > gate", Assert.IsType<LockOrderInversion>(InTurn(true, KeepShut, Wait)).Cause);
        Assert.Null(InTurn(true, Inside, Wait));
        Assert.Null(InTurn(false, KeepShut, Wait));
    }

    [Fact]
    public void A_lock_that_a_system_call_forgets_is_named_when_it_returns()
    {
        static async Path Forget(KernelTask current, Shared shared)
        {
            await current.Ask(shared, new Enter('s', LockMode.Shared));
            current.ReturnToUser("KVM_RUN");
            await current.Ask(shared, new Leave('s'));
        }

        static async Path Remember(KernelTask current, Shared shared)
        {
            await current.Ask(shared, new Enter('s', LockMode.Shared));
            await current.Ask(shared, new Leave('s'));
            current.ReturnToUser("KVM_RUN");
        }

        Assert.Equal("lock held when returning to user space: task leaves KVM_RUN with srcu shared", Run(Forget)?.Title);
        Assert.Null(Run(Remember));
    }

    [Fact]
    public void A_kernel_that_cannot_go_on_is_a_finding_wherever_that_shows()
    {
        var inHandle = Toys.Find(world => world.Spawn("task", Once(world.Add(new Doomed(inLockOf: false)))));
        var whenSent = Toys.Find(world => world.Spawn("task", Once(world.Add(new Doomed(inLockOf: true)))));

        Assert.Equal("BUG: KASAN: use-after-free in die (task)", inHandle?.Title);
        Assert.Equal("BUG: KASAN: use-after-free in die_waiting (task)", whenSent?.Title);

        static Func<KernelTask, Path> Once(Doomed doomed) => doomed.InLockOf
            ? async current => await current.Ask(doomed, new DieWaiting())
            : async current => await current.Ask(doomed, new Die());
    }

    private static async Path TwiceShared(KernelTask current, Shared shared)
    {
        await current.Ask(shared, new Enter('r', LockMode.Shared));
        await current.Ask(shared, new Enter('r', LockMode.Shared));
        await current.Ask(shared, new Leave('r'));
        await current.Ask(shared, new Leave('r'));
    }

    private static Finding? Nest(bool withNestLock) => Toys.Find(world =>
    {
        var outer = world.Add(new Gated("outer", null, isOrdered: false));
        var (first, second) = (world.Add(new Gated("first", outer, false)), world.Add(new Gated("second", outer, false)));
        world.Spawn("task", async current =>
        {
            if (withNestLock) await current.Ask(outer, new TakeOuter());
            await current.Ask(first, new TakeInner());
            await current.Ask(second, new TakeInner());
            await current.Ask(second, new GiveInner());
            await current.Ask(first, new GiveInner());
            if (withNestLock) await current.Ask(outer, new GiveOuter());
        });
    });

    private static Finding? Run(Func<KernelTask, Shared, Path> body, ulong seed = 0, bool withWriter = false)
    {
        var world = new World(new RandomWalk(seed));
        var shared = world.Add(new Shared());
        world.Spawn("task", current => body(current, shared));
        if (withWriter)
        {
            world.Spawn("writer", async current =>
            {
                await current.Ask(shared, new Enter('r'));
                await current.Ask(shared, new Leave('r'));
            });
        }

        return world.Run();
    }

    private sealed class Gated : Actor
    {
        private readonly Mutex _outer;
        private readonly Mutex _inner;
        private readonly Condition _gate;

        internal Gated(string name, Gated? nestsUnder, bool isOrdered) : base(name)
        {
            _outer = new(this, "outer");
            _inner = new(this, "inner") { NestLock = nestsUnder?._outer };
            _gate = new(this, "gate", open: true) { IsOrdered = isOrdered };
        }

        protected internal override Lock LockOf(Message message) => message is TakeOuter or GiveOuter ? _outer : _inner;

        protected internal override Gate GateOf(KernelTask sender, Message message) => _gate;

        protected internal override Reply Handle(KernelTask sender, Message message)
        {
            if (message is ShutIt)
            {
                _gate.Shut();
                _gate.BlockedBy(sender);
            }
            else if (message is OpenIt)
            {
                _gate.NoLongerBlockedBy(sender);
                _gate.Open();
            }

            return Reply.Done;
        }
    }

    private sealed class Doomed(bool inLockOf) : Actor("doomed")
    {
        internal bool InLockOf => inLockOf;

        protected internal override Lock LockOf(Message message) => throw new KernelBugException("KASAN: use-after-free in die_waiting");

        protected internal override Reply Handle(KernelTask sender, Message message) =>
            throw new KernelBugException("KASAN: use-after-free in die");
    }

    private sealed record TakeOuter() : Acquire(LockMode.Exclusive);

    private sealed record GiveOuter : Release;

    private sealed record TakeInner() : Acquire(LockMode.Exclusive);

    private sealed record GiveInner : Release;

    private sealed record WaitForOpen : Wait<Done>;

    private sealed record ShutIt : Message<Done>;

    private sealed record OpenIt : Message<Done>;

    private sealed record Die : Message<Done>;

    private sealed record DieWaiting() : Acquire(LockMode.Exclusive);
}
