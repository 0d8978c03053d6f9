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
            Assert.Equal(16 + world.QueuedSteps, world.Step);
            if (kind != "fair") Assert.Equal(0, world.QueuedSteps);
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
    public void Readers_share_and_a_writer_in_line_keeps_new_readers_out()
    {
        var script = new Script("r1", "late", "writer", "writer", "r1", "writer");
        Toys.Run(script, ReadersAndAWriter);

        Assert.Equal(
        [
            "late r1 r2 writer",
            "late r1 r2 writer",    // r1 holds it, and r2 could join.
            "late r1 r2 writer",    // So could late, which asks for it now.
            "late r1 r2 writer",    // So they could still: the writer asks for it, but is not in line.
            "r1",                   // Now it is: no reader may join any more.
            "late r2 writer",       // Free again: whoever waits may be next.
            "writer",
        ], script.Offers.Take(7));
    }

    [Fact]
    public void Readers_go_in_before_a_writer_that_is_not_in_line_yet()
    {
        var script = new Script("r1", "late", "writer", "late", "r2", "writer", "r1", "late", "r2");
        Toys.Run(script, ReadersAndAWriter);

        Assert.Equal(
        [
            "late r1 r2 writer",    // The writer asks for it: late and r2 go in all the same.
            "late r1 r2 writer",
            "late r1 r2 writer",
            "late r1 r2",           // In line: it waits for all three.
            "late r2",
            "r2",
            "writer",
        ], script.Offers.Skip(3).Take(7));
    }

    [Fact]
    public void A_reader_may_steal_a_lock_that_is_free_though_a_writer_is_in_line()
    {
        var script = new Script("r1", "w", "r1", "r2");
        Toys.Run(script, world =>
        {
            var cell = world.Add(new Cell("x", Kind("rwlock")));
            foreach (var name in "12") world.Spawn($"r{name}", current => Hold(current, cell, LockMode.Shared));
            world.Spawn("w", current => Hold(current, cell, LockMode.Exclusive));
        });

        Assert.Equal(["r1 r2 w", "r1 r2 w", "r1", "r2 w", "r2", "w"], script.Offers.Take(6));
    }

    [Fact]
    public void A_reader_may_take_a_lock_that_a_writer_gave_back_before_the_next_writer_is_in_line()
    {
        var script = new Script("w1", "w1", "r", "w2", "r");
        Toys.Run(script, world =>
        {
            var cell = world.Add(new Cell("x", Kind("rwlock")));
            world.Spawn("w1", current => Hold(current, cell, LockMode.Exclusive));
            world.Spawn("w2", current => Hold(current, cell, LockMode.Exclusive));
            world.Spawn("r", current => Hold(current, cell, LockMode.Shared));
        });

        Assert.Equal(["r w1 w2", "w1", "r w2", "r w2", "r", "w2"], script.Offers.Take(6));
    }

    [Theory]
    [InlineData("bcd")]
    [InlineData("bdc")]
    [InlineData("cbd")]
    [InlineData("cdb")]
    [InlineData("dbc")]
    [InlineData("dcb")]
    public void A_first_come_lock_is_granted_in_the_order_of_arrival_whoever_asked_first(string arrivals)
    {
        var granted = "";
        var script = new Script(["a", "b", "c", "d", "a", .. arrivals.Select(name => name.ToString())]);
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

        Assert.Equal("a" + arrivals, granted);
        Assert.All(script.Offers.Take(6), offer => Assert.Equal("a b c d", offer));
        var two = string.Join(' ', "abcd".Where(name => name != arrivals[0]));
        Assert.Equal([two, $"a {arrivals[2]}", "a", $"{arrivals[0]}"], script.Offers.Skip(6).Take(4));
    }

    [Fact]
    public void Readers_hold_a_first_come_lock_together_until_a_writer_is_in_line()
    {
        var script = new Script("a", "b", "c");
        Toys.Run(script, world => TwoReadersAndAWriter(world));

        Assert.Equal(["a b c", "a b c", "a b c", "a b"], script.Offers.Take(4));
    }

    [Fact]
    public void A_reader_queues_behind_a_writer_that_is_in_line_for_a_first_come_lock()
    {
        var script = new Script("a", "c", "b", "a", "c", "c");
        Toys.Run(script, world => TwoReadersAndAWriter(world));

        Assert.Equal(["a b c", "a b c", "a b", "a", "c", "c", "b"], script.Offers.Take(7));
    }

    [Fact]
    public void Readers_at_the_head_of_a_first_come_lock_hold_it_together()
    {
        var script = new Script("c", "a", "b", "c", "a", "b");
        Toys.Run(script, world => TwoReadersAndAWriter(world));

        Assert.Equal(["a b c", "a b c", "b c", "c", "a", "a b", "a b"], script.Offers.Take(7));
    }

    [Theory]
    [InlineData("rwlock")]
    [InlineData("fair")]
    public void A_random_walk_reaches_both_orders_of_a_new_reader_and_a_writer_that_queues(string kind)
    {
        var explorer = LostUpdate.Explorer(new Model("readers and a writer", world => TwoReadersAndAWriter(world, kind)));
        var (before, after) = (0, 0);
        for (var seed = 0ul; seed < 500; seed++)
        {
            var execution = explorer.Replay(seed);
            var steps = execution.Trace.ToList();
            var queued = steps.FindIndex(step => step is { Task: "c", Kind: TraceKind.Queued });
            var (first, second) = (Granted("a"), Granted("b"));
            if (first > second) (first, second) = (second, first);

            Assert.Null(execution.Finding);
            if (queued < first || Dropped(steps[first].Task) < queued) continue;
            if (second < queued) before++;
            if (second < queued) continue;
            after++;
            Assert.True(second > Dropped(steps[first].Task));
            if (kind == "fair") Assert.True(second > Dropped("c"));

            int Granted(string task) => steps.FindIndex(step => step.Task == task && step.Message == "take" && step.Kind == TraceKind.Asked);
            int Dropped(string task) => steps.FindIndex(step => step.Task == task && step.Message == "drop");
        }

        Assert.True(before > 20 && after > 20, $"{before} before, {after} after");
    }

    // Readers stand in line for a first-come lock alone.
    [Theory]
    [InlineData("mutex", 0, "a")]
    [InlineData("rwlock", 0, "a", "b", "a", "b", "c")]
    [InlineData("rwlock", 1, "a", "c")]
    [InlineData("rwlock", 1, "a", "b", "c")]
    [InlineData("fair", 0, "a", "b", "a", "b", "c")]
    [InlineData("fair", 1, "a", "b", "c")]
    [InlineData("fair", 2, "a", "c", "b")]
    [InlineData("fair", 2, "c", "a", "b")]
    public void The_steps_that_only_queue_are_counted(string kind, int queued, params string[] script)
    {
        var (world, finding) = Toys.Run(new Script(script), world => TwoReadersAndAWriter(world, kind));

        Assert.Null(finding);
        Assert.Equal((queued, 6 + queued), (world.QueuedSteps, world.Step));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_steps_that_only_queue_are_those_that_the_recorder_is_told_of(string kind)
    {
        var all = 0L;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var recorder = new TraceRecorder();
            var world = new World(new RandomWalk(seed), recorder: recorder);
            for (var i = 0; i < 2; i++) TwoReadersAndAWriter(world, kind, $"{i}");

            Assert.Null(world.Run());
            Assert.Equal(world.QueuedSteps, recorder.Steps.Count(step => step.Kind == TraceKind.Queued));
            Assert.Equal(12, recorder.Steps.Count(step => step.Kind == TraceKind.Asked));
            Assert.Equal(12 + world.QueuedSteps, world.Step);
            Assert.All(recorder.Steps.Where(step => step.Kind == TraceKind.Queued).CountBy(step => step.Task), task => Assert.Equal(1, task.Value));
            all += world.QueuedSteps;
        }

        Assert.Equal(kind == "mutex", all == 0);
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

    [Theory]
    [InlineData(true, "r", "t")]
    [InlineData(false, "r", "w", "t")]
    public void A_try_to_read_fails_once_a_writer_is_in_line_behind_readers(bool expected, params string[] script) =>
        Assert.Equal(expected, TryBesideAReaderAndAWriter(LockMode.Shared, script));

    // rwsem: RWSEM_FLAG_WAITERS fails down_read_trylock() and down_write_trylock(); down_read() may steal all the same.
    [Theory]
    [InlineData(LockMode.Shared)]
    [InlineData(LockMode.Exclusive)]
    public void A_try_fails_on_a_free_lock_that_a_writer_is_in_line_for(LockMode mode)
    {
        Assert.False(TryBesideAReaderAndAWriter(mode, "r", "w", "r", "t"));
        Assert.True(TryBesideAReaderAndAWriter(mode, "r", "r", "t"));
    }

    // In the kernel w2 may be in line before w1 gives back, and then the try fails.
    [Fact]
    public void Fixme_Who_waits_behind_a_writer_is_not_in_line_and_fails_no_try()
    {
        var answer = false;
        var script = new Script("w1", "w1", "w1");
        Toys.Run(script, world =>
        {
            var cell = world.Add(new Cell("x", Kind("rwlock")));
            world.Spawn("w1", async current =>
            {
                await Hold(current, cell, LockMode.Exclusive);
                answer = await current.Ask(cell, new TryTake());
                await current.Ask(cell, new Drop());
            });
            world.Spawn("w2", current => Hold(current, cell, LockMode.Exclusive));
        });

        Assert.Equal(["w1 w2", "w1", "w1 w2"], script.Offers.Take(3));
        Assert.True(answer);
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
        var script = new Script("w1", "w2", "opener", "w1", "opener");
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

        Assert.Equal(["opener w1 w2", "opener w2", "opener", "opener w1 w2", "opener w2"], script.Offers);
    }

    [Fact]
    public void Who_comes_after_a_round_has_ended_waits_for_the_next()
    {
        var outcomes = new SortedSet<bool>();
        for (var seed = 0ul; seed < 100; seed++)
        {
            var (_, finding) = Toys.Run(new RandomWalk(seed), world =>
            {
                var rounds = world.Add(new Rounds());
                world.Spawn("waiter", async current => await current.Ask(rounds, new PassGate()));
                world.Spawn("advancer", async current => await current.Ask(rounds, new OpenGate()));
            });
            outcomes.Add(finding is Deadlock);
        }

        Assert.Equal([false, true], outcomes);
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
    public void A_first_come_lock_offers_only_the_oldest_of_a_thousand_in_line()
    {
        var groups = new GroupCounter();
        var (world, _) = Toys.Run(groups, world =>
        {
            var cell = world.Add(new Cell("x", Kind("fair")));
            for (var i = 0; i < 1000; i++) world.Spawn($"t{i}", current => Hold(current, cell, LockMode.Exclusive));
        });

        // All arrive, then each is granted and gives back.
        Assert.Equal((2, 999), (groups.Most, world.QueuedSteps));
        Assert.Equal(Enumerable.Range(0, 1000).Select(arrived => 1000 - arrived + Math.Sign(arrived)), groups.Messages.Take(1000));
        Assert.Equal(Enumerable.Repeat(1, 1999), groups.Messages.Skip(1000));
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

    // Two readers, and late and the writer, who do something else first.
    private static void ReadersAndAWriter(World world)
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
    }

    private static void TwoReadersAndAWriter(World world, string kind = "fair", string suffix = "")
    {
        var cell = world.Add(new Cell("x" + suffix, Kind(kind)));
        var shared = kind == "mutex" ? LockMode.Exclusive : LockMode.Shared;
        foreach (var name in "ab") world.Spawn(name + suffix, current => Hold(current, cell, shared));
        world.Spawn("c" + suffix, current => Hold(current, cell, LockMode.Exclusive));
    }

    private static bool TryBesideAReaderAndAWriter(LockMode mode, params string[] script)
    {
        var answer = false;
        var finding = Toys.Find(
            world =>
            {
                var cell = world.Add(new Cell("x", Kind("rwlock")));
                world.Spawn("r", current => Hold(current, cell, LockMode.Shared));
                world.Spawn("w", current => Hold(current, cell, LockMode.Exclusive));
                world.Spawn("t", async current =>
                {
                    answer = await current.Ask(cell, new TryTake(mode));
                    if (answer) await current.Ask(cell, new Drop());
                });
            },
            script);

        Assert.Null(finding);
        return answer;
    }

    // Whoever comes waits for the end of the round that goes on then.
    private sealed class Rounds : Actor
    {
        private Condition _end;

        internal Rounds() : base("rounds") => _end = new(this, "end");

        protected internal override Gate GateOf(KernelTask sender, Message message) => _end;

        protected internal override Reply Handle(KernelTask sender, Message message)
        {
            if (message is not OpenGate) return Reply.Of(0);
            _end.Open();
            _end = new(this, "end");
            return Reply.Done;
        }
    }

    private sealed class GroupCounter() : Strategy(0)
    {
        internal int Most { get; private set; }

        internal int MostMessages { get; private set; }

        internal List<int> Messages { get; } = [];

        public override Pending Next(EnabledSet enabled)
        {
            Messages.Add(enabled.Count);
            (Most, MostMessages) = (Math.Max(Most, enabled.GroupCount), Math.Max(MostMessages, enabled.Count));
            return enabled[0];
        }
    }
}
