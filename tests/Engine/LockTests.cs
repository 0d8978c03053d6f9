using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class LockTests
{
    public static TheoryData<string> Kinds => ["mutex", "rwlock", "fair"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_task_at_a_time_holds_a_lock_alone(string kind)
    {
        for (var seed = 0ul; seed < 200; seed++)
        {
            var (world, finding) = Toys.Run(new RandomWalk(seed), world =>
            {
                var cell = world.Add(new Cell("x", Kind(kind)));
                for (var i = 0; i < 4; i++) world.Spawn($"t{i}", current => AddOne(current, cell));
                world.Finally("no addition is lost", () => cell.Value == 4 ? null : $"{cell.Value}");
            });

            Assert.Null(finding);
            Assert.Equal(16, world.Step);
        }

        static async Path AddOne(KernelTask current, Cell cell)
        {
            await current.Ask(cell, new Take());
            var value = await current.Ask(cell, new Read());
            await current.Ask(cell, new Write(value + 1));
            await current.Ask(cell, new Drop());
        }
    }

    [Fact]
    public void Whoever_waits_for_a_mutex_may_be_next()
    {
        var counts = Toys.Tally(3_000, seed => new RandomWalk(seed), world =>
        {
            var cell = world.Add(new Cell("x"));
            var order = "";
            foreach (var name in "abc")
            {
                world.Spawn(name.ToString(), async current =>
                {
                    await current.Ask(cell, new Take());
                    order += current.Name;
                    await current.Ask(cell, new Drop());
                });
            }

            return () => order;
        });

        Assert.Equal(6, counts.Count);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Fact]
    public void Readers_share_and_a_waiting_writer_keeps_new_readers_out()
    {
        var script = new Script("r1", "late", "writer", "r1", "writer");
        Toys.Run(script, world =>
        {
            var (cell, aside) = (world.Add(new Cell("x", Kind("rwlock"))), world.Add(new Cell("aside")));
            foreach (var name in "12") world.Spawn($"r{name}", current => Hold(current, cell, LockMode.Shared));
            foreach (var (name, mode) in new[] { ("late", LockMode.Shared), ("writer", LockMode.Exclusive) })
            {
                world.Spawn(name, async current =>
                {
                    await current.Ask(aside, new Touch());
                    await Hold(current, cell, mode);
                });
            }
        });

        Assert.Equal(
        [
            "late r1 r2 writer",
            "late r1 r2 writer",    // r1 holds it, and r2 could join.
            "late r1 r2 writer",    // So could late, which asks for it now.
            "r1",                   // The writer waits: no reader may join any more.
            "late r2 writer",       // Free again: whoever waits may be next.
            "writer",
        ], script.Offers.Take(6));
    }

    [Fact]
    public void A_reader_may_steal_a_lock_that_is_free_though_a_writer_waits()
    {
        var script = new Script("w1", "w1", "r");
        Toys.Run(script, world =>
        {
            var cell = world.Add(new Cell("x", Kind("rwlock")));
            world.Spawn("w1", current => Hold(current, cell, LockMode.Exclusive));
            world.Spawn("w2", current => Hold(current, cell, LockMode.Exclusive));
            world.Spawn("r", current => Hold(current, cell, LockMode.Shared));
        });

        Assert.Equal(["r w1 w2", "w1", "r w2", "r"], script.Offers.Take(4));
    }

    [Fact]
    public void A_first_come_lock_is_granted_in_the_order_of_requests()
    {
        var granted = "";
        var script = new Script("a", "b", "c", "d");
        Toys.Run(script, world =>
        {
            var (cell, aside) = (world.Add(new Cell("x", Kind("fair"))), world.Add(new Cell("aside")));
            foreach (var (name, mode) in new[] { ("a", LockMode.Exclusive), ("b", LockMode.Shared), ("c", LockMode.Exclusive), ("d", LockMode.Shared) })
            {
                world.Spawn(name, async current =>
                {
                    await current.Ask(aside, new Touch());
                    await current.Ask(cell, new Take(mode));
                    granted += current.Name;
                    await current.Ask(cell, new Drop());
                });
            }
        });

        Assert.Equal("abcd", granted);
        Assert.Equal(["a b c d", "a b c d", "a c d", "a d", "a", "a", "b"], script.Offers.Take(7));
    }

    [Fact]
    public void Readers_at_the_head_of_a_first_come_lock_hold_it_together()
    {
        var script = new Script("a", "b");
        Toys.Run(script, world =>
        {
            var cell = world.Add(new Cell("x", Kind("fair")));
            foreach (var name in "ab") world.Spawn(name.ToString(), current => Hold(current, cell, LockMode.Shared));
            world.Spawn("c", current => Hold(current, cell, LockMode.Exclusive));
        });

        Assert.Equal(["a", "a b", "a b"], script.Offers.Take(3));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_try_says_whether_it_took_the_lock_and_never_waits(string kind)
    {
        var answers = new List<bool>();
        var finding = Toys.Find(
            world =>
            {
                var cell = world.Add(new Cell("x", Kind(kind)));
                world.Spawn("holder", current => Hold(current, cell, LockMode.Exclusive));
                world.Spawn("other", async current =>
                {
                    answers.Add(await current.Ask(cell, new TryTake()));
                    answers.Add(await current.Ask(cell, new TryTake()));
                    await current.Ask(cell, new Drop());
                });
            },
            "holder", "other", "holder", "other");

        Assert.Null(finding);
        Assert.Equal([false, true], answers);
    }

    [Fact]
    public void A_try_to_read_fails_while_a_writer_waits_for_readers()
    {
        var answer = true;
        Toys.Find(
            world =>
            {
                var cell = world.Add(new Cell("x", Kind("rwlock")));
                world.Spawn("r", current => Hold(current, cell, LockMode.Shared));
                world.Spawn("w", current => Hold(current, cell, LockMode.Exclusive));
                world.Spawn("t", async current => answer = await current.Ask(cell, new TryTake(LockMode.Shared)));
            },
            "r", "t");

        Assert.False(answer);
    }

    [Fact]
    public void Who_gives_back_what_it_does_not_hold_is_reported()
    {
        var finding = Toys.Find(world =>
        {
            var cell = world.Add(new Cell("inode0"));
            world.Spawn("a", current => Hold(current, cell, LockMode.Exclusive));
            world.Spawn("b", async current => await current.Ask(cell, new Drop()));
        }, "a", "b");

        var unlock = Assert.IsType<BadUnlock>(finding);
        Assert.Equal((2, "b", "mutex inode0"), (unlock.Step, unlock.Task, unlock.Lock));
    }

    [Fact]
    public void Who_exits_with_locks_held_is_reported_with_all_of_them()
    {
        var finding = Toys.Find(world =>
        {
            var (one, two) = (world.Add(new Cell("one")), world.Add(new Cell("two", Kind("rwlock"))));
            world.Spawn("a", async current =>
            {
                await current.Ask(one, new Take());
                await current.Ask(two, new Take(LockMode.Shared));
            });
        });

        var held = Assert.IsType<HeldAtExit>(finding);
        Assert.Equal(("a", 2), (held.Task, held.Step));
        Assert.Equal(["mutex one", "rwlock two"], held.Locks);
    }

    [Fact]
    public void An_actor_can_ask_whether_a_task_holds_its_lock()
    {
        Toys.Find(world =>
        {
            var cell = world.Add(new Cell("x", Kind("rwlock")));
            world.Spawn("a", async current =>
            {
                Assert.False(cell.IsLockedBy(current, LockMode.Shared));
                await current.Ask(cell, new Take(LockMode.Shared));
                Assert.True(cell.IsLockedBy(current, LockMode.Shared));
                Assert.False(cell.IsLockedBy(current, LockMode.Exclusive));
                await current.Ask(cell, new Drop());
                await current.Ask(cell, new Take());
                Assert.True(cell.IsLockedBy(current, LockMode.Exclusive));
                Assert.True(cell.IsLockedBy(current, LockMode.Shared));
                await current.Ask(cell, new Drop());
            });
        });
    }

    [Fact]
    public void A_gate_lets_nobody_on_until_it_is_opened_and_then_all()
    {
        var script = new Script("opener", "w1", "opener");
        Toys.Run(script, world =>
        {
            var cell = world.Add(new Cell("x"));
            for (var i = 1; i <= 2; i++) world.Spawn($"w{i}", async current => await current.Ask(cell, new PassGate()));
            world.Spawn("opener", async current =>
            {
                await current.Ask(cell, new OpenGate());
                await current.Ask(cell, new ShutGate());
            });
        });

        Assert.Equal(["opener", "opener w1 w2", "opener w2"], script.Offers);
    }

    // The cost of a hand-off is in how many groups of the enabled set it touches.
    [Theory]
    [InlineData("mutex")]
    [InlineData("rwlock")]
    public void A_hand_off_touches_one_group_however_many_wait(string kind)
    {
        for (var waiters = 10; waiters <= 1000; waiters *= 10)
        {
            var groups = new GroupCounter();
            Toys.Run(groups, world =>
            {
                var cell = world.Add(new Cell("x", Kind(kind)));
                for (var i = 0; i < waiters; i++) world.Spawn($"t{i}", current => Hold(current, cell, LockMode.Exclusive));
            });

            Assert.Equal(1, groups.Most);
            Assert.Equal(waiters, groups.MostMessages);
        }
    }

    [Fact]
    public void A_first_come_lock_offers_only_the_oldest_of_a_thousand()
    {
        var groups = new GroupCounter();
        Toys.Run(groups, world =>
        {
            var cell = world.Add(new Cell("x", Kind("fair")));
            for (var i = 0; i < 1000; i++) world.Spawn($"t{i}", current => Hold(current, cell, LockMode.Exclusive));
        });

        Assert.Equal((1, 1), (groups.Most, groups.MostMessages));
    }

    private static Func<Actor, Lock> Kind(string kind) => kind switch
    {
        "mutex" => owner => new Mutex(owner, kind),
        "rwlock" => owner => new RwLock(owner, kind),
        _ => owner => new FirstComeLock(owner, kind),
    };

    private static async Path Hold(KernelTask current, Cell cell, LockMode mode)
    {
        await current.Ask(cell, new Take(mode));
        await current.Ask(cell, new Drop());
    }

    private sealed class GroupCounter() : Strategy(0)
    {
        internal int Most { get; private set; }

        internal int MostMessages { get; private set; }

        public override Pending Next(EnabledSet enabled)
        {
            (Most, MostMessages) = (Math.Max(Most, enabled.GroupCount), Math.Max(MostMessages, enabled.Count));
            return enabled[0];
        }
    }
}
