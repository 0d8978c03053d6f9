using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class LivelockTests
{
    public static TheoryData<string> All => Toys.EveryStrategy;

    [Theory]
    [MemberData(nameof(All))]
    public void A_loop_that_nobody_can_end_is_reported_long_before_the_step_limit(string token)
    {
        var livelock = FindLivelock(token, world => world.Poller("t", world.Add(new Cell("x"))));

        Assert.InRange(livelock.Step, 1, 100);
        var loop = Assert.Single(livelock.Loops);
        Assert.Equal(("t", "value == 0", 1L), (loop.Task, loop.Why, loop.Length));
        Assert.Equal("t retries for ever: value == 0", livelock.Title);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Two_loops_that_wait_for_each_other_are_one_finding(string token)
    {
        var livelock = FindLivelock(token, world =>
        {
            var (x, y) = (world.Add(new Cell("x")), world.Add(new Cell("y")));
            world.Poller("t1", x);
            world.Poller("t2", y);
        });

        Assert.InRange(livelock.Step, 1, 1000);
        Assert.Equal(["t1", "t2"], livelock.Loops.Select(loop => loop.Task));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Who_waits_for_a_lock_that_a_loop_keeps_cannot_end_it(string token)
    {
        var livelock = FindLivelock(token, world =>
        {
            var (x, lockOwner) = (world.Add(new Cell("x")), world.Add(new Cell("lockOwner")));
            world.Spawn("looper", async current =>
            {
                await current.Ask(lockOwner, new Take());
                current.Spawn("blocked", async child =>
                {
                    await child.Ask(lockOwner, new Take());
                    await child.Ask(x, new Write(1));
                    await child.Ask(lockOwner, new Drop());
                });
                while (await current.Ask(x, new Read()) == 0) current.Retry("value == 0");
            });
        });

        Assert.Equal(["looper"], livelock.Loops.Select(loop => loop.Task));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_lock_that_is_held_within_each_try_lets_others_in_between(string token) => AssertClean(token, world =>
    {
        var (x, lockOwner) = (world.Add(new Cell("x")), world.Add(new Cell("lockOwner")));
        LockingPoller(world, "looper", lockOwner, x);
        world.Spawn("blocked", async current =>
        {
            await current.Ask(lockOwner, new Take());
            await current.Ask(x, new Write(1));
            await current.Ask(lockOwner, new Drop());
        });
    });

    [Theory]
    [MemberData(nameof(All))]
    public void Who_joins_a_loop_that_nobody_can_end_cannot_end_it(string token) => FindLivelock(token, world =>
    {
        var looper = world.Poller("looper", world.Add(new Cell("x")));
        world.Spawn("joiner", async current => await current.Join(looper));
    });

    [Theory]
    [MemberData(nameof(All))]
    public void Who_waits_behind_one_that_waits_for_a_loop_cannot_end_it(string token) => FindLivelock(token, world =>
    {
        var (x, a, b) = (world.Add(new Cell("x")), world.Add(new Cell("a")), world.Add(new Cell("b")));
        world.Spawn("looper", async current =>
        {
            await current.Ask(a, new Take());
            current.Spawn("first", async child =>
            {
                await child.Ask(b, new Take());
                await child.Ask(a, new Take());
            });
            current.Spawn("second", async child =>
            {
                await child.Ask(x, new Read());
                await child.Ask(b, new Take());
                await child.Ask(b, new Drop());
            });
            while (await current.Ask(x, new Read()) == 0) current.Retry("value == 0");
        });
    });

    [Theory]
    [MemberData(nameof(All))]
    public void A_loop_that_waits_for_a_slow_task_is_never_reported(string token) => AssertClean(token, world =>
    {
        var (x, aside) = (world.Add(new Cell("x")), world.Add(new Cell("aside")));
        for (var i = 0; i < 2; i++) world.Poller($"looper{i}", x);
        world.Spawn("slow", async current =>
        {
            for (var i = 0; i < 100; i++) await current.Ask(aside, new Read());
            await current.Ask(x, new Write(1));
        });
    });

    [Theory]
    [MemberData(nameof(All))]
    public void A_loop_that_waits_for_another_loop_that_gets_on_is_never_reported(string token) => AssertClean(token, world =>
    {
        var (x, y) = (world.Add(new Cell("x")), world.Add(new Cell("y")));
        world.Poller("first", x);
        world.Spawn("second", async current =>
        {
            while (await current.Ask(y, new Increment()) < 50) current.Retry("below 50");
            await current.Ask(x, new Write(1));
        });
    });

    [Theory]
    [MemberData(nameof(All))]
    public void A_loop_that_ends_by_itself_after_changing_answers_is_never_reported(string token) => AssertClean(token, world =>
    {
        var x = world.Add(new Cell("x"));
        world.Spawn("t", async current =>
        {
            while (await current.Ask(x, new Increment()) < 40) current.Retry("below 40");
        });
    });

    // While "holder" is inside its try, everybody looks stuck to "looper"; "late" gets the lock as soon as the try ends.
    [Fact]
    public void A_lock_that_another_loop_holds_for_this_try_alone_is_no_livelock()
    {
        var finding = Toys.Find(
            world =>
            {
                var (x, a) = (world.Add(new Cell("x")), world.Add(new Cell("a")));
                LockingPoller(world, "holder", a, x);
                world.Poller("looper", x);
                world.Spawn("late", async current =>
                {
                    await current.Ask(a, new Take());
                    await current.Ask(x, new Write(1));
                    await current.Ask(a, new Drop());
                });
            },
            [.. Times(121, "holder"), .. Times(100, "looper"), "holder", "holder", "late", "late"]);

        Assert.Null(finding);
    }

    // As above, and whether "waiter" is stuck hangs on "late" by two ways, of which one leads back to where the search has been.
    [Fact]
    public void Nor_if_others_wait_for_the_one_that_waits_for_the_try()
    {
        var finding = Toys.Find(
            world =>
            {
                var (x, a, b) = (world.Add(new Cell("x")), world.Add(new Cell("a")), world.Add(new Cell("b")));
                var shared = world.Add(new Cell("shared", owner => new RwLock(owner, "rwlock") { NestsInItsClass = true }));
                world.Spawn("waiter", async current =>
                {
                    await current.Ask(x, new Read());
                    await current.Ask(shared, new Take());
                    await current.Ask(shared, new Drop());
                });
                world.Spawn("late", current => ShareAndLock(current, shared, b, a, x));
                world.Spawn("later", current => ShareAndLock(current, shared, b));
                LockingPoller(world, "holder", a, x);
                world.Poller("looper", x);
            },
            ["late", "late", "later", "waiter", .. Times(121, "holder"), .. Times(100, "looper"), "holder", "holder", "late", "late"]);

        Assert.Null(finding);

        static async Path ShareAndLock(KernelTask current, Cell shared, Cell first, Cell? second = null, Cell? value = null)
        {
            await current.Ask(shared, new Take(LockMode.Shared));
            await current.Ask(first, new Take());
            if (second is not null) await current.Ask(second, new Take());
            if (value is not null) await current.Ask(value, new Write(1));
            if (second is not null) await current.Ask(second, new Drop());
            await current.Ask(first, new Drop());
            await current.Ask(shared, new Drop());
        }
    }

    [Fact]
    public void What_was_told_and_not_delivered_yet_may_still_end_a_loop()
    {
        var finding = Toys.Find(
            world =>
            {
                var x = world.Add(new Cell("x"));
                world.Spawn("teller", current =>
                {
                    current.Tell(x, new Write(1));
                    return default;
                });
                world.Poller("looper", x);
            },
            [.. Times(200, "looper"), "teller", "looper"]);

        Assert.Null(finding);
    }

    // The search looks at what loops were answered, not at what they change and change back within a try: under a strategy that
    // never switches in the middle of a try, two such loops look endless, though another order would end them.
    [Theory]
    [InlineData("pct:1", true)]
    [InlineData("random", false)]
    [InlineData("pos", false)]
    public void Fixme_what_a_loop_changes_within_a_try_alone_is_not_seen_to_end_another(string token, bool isReported)
    {
        if (isReported) FindLivelock(token, Blinks);
        else AssertClean(token, Blinks);

        static void Blinks(World world)
        {
            var (light, isDone) = (world.Add(new Cell("light")), world.Add(new Cell("done")));
            world.Spawn("watcher", async current =>
            {
                while (await current.Ask(light, new Read()) == 0) current.Retry("it is dark");
                await current.Ask(isDone, new Write(1));
            });
            world.Spawn("blinker", async current =>
            {
                while (true)
                {
                    await current.Ask(light, new Write(1));
                    await current.Ask(light, new Write(0));
                    if (await current.Ask(isDone, new Read()) != 0) break;
                    current.Retry("nobody saw it");
                }
            });
        }
    }

    [Fact]
    public void A_loop_that_does_not_say_that_it_retries_meets_the_step_limit()
    {
        var (_, finding) = Toys.Run(new RandomWalk(1), world =>
        {
            var x = world.Add(new Cell("x"));
            world.Spawn("t", async current =>
            {
                while (await current.Ask(x, new Read()) == 0)
                {
                }
            });
        }, stepLimit: 500);

        var limit = Assert.IsType<StepLimit>(finding);
        Assert.Equal(500, limit.Step);
        Assert.Equal(["t"], limit.Running);
    }

    [Fact]
    public void A_loop_that_asks_nothing_is_our_bug()
    {
        var error = Assert.Throws<InternalErrorException>(() => Toys.Find(world =>
        {
            var x = world.Add(new Cell("x"));
            world.Spawn("t", async current =>
            {
                await current.Ask(x, new Read());
                while (true) current.Retry("never");
            });
        }));

        Assert.Contains("t retries (never) without asking anything", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Times(int count, string name) => Enumerable.Repeat(name, count);

    private static void LockingPoller(World world, string name, Cell lockOwner, Cell cell) =>
        world.Spawn(name, async current =>
        {
            while (true)
            {
                await current.Ask(lockOwner, new Take());
                var value = await current.Ask(cell, new Read());
                await current.Ask(lockOwner, new Drop());
                if (value != 0) break;
                current.Retry("value == 0");
            }
        });

    private static Livelock FindLivelock(string token, Action<World> build)
    {
        var known = Calibration.Of(new("livelock", build));
        Livelock? last = null;
        for (var seed = 0ul; seed < 40; seed++)
        {
            var (_, finding) = Toys.Run(Strategies.Of(token).Create(seed, known), build);
            last = Assert.IsType<Livelock>(finding);
        }

        return last!;
    }

    private static void AssertClean(string token, Action<World> build)
    {
        var known = Calibration.Of(new("clean", build));
        for (var seed = 0ul; seed < 200; seed++)
        {
            var (_, finding) = Toys.Run(Strategies.Of(token).Create(seed, known), build);
            Assert.True(finding is null, $"seed {seed}: {finding?.Title}");
        }
    }
}
