using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class EveryStrategyTests
{
    private static Model Some { get; } = new("busy", Busy.Build);

    public static TheoryData<string> All => Toys.EveryStrategy;

    [Theory]
    [MemberData(nameof(All))]
    public void One_seed_gives_one_order_and_others_give_others(string token)
    {
        var known = Calibration.Of(Some);
        var orders = new SortedSet<ulong>();
        for (var seed = 0ul; seed < 100; seed++)
        {
            var order = Order(token, seed, known, choices: 1);
            orders.Add(order);

            Assert.Equal(order, Order(token, seed, Calibration.Of(Some), choices: 1));
        }

        var expected = token switch { "round-robin" => 7, "delay:1" => 10, "pct:1" or "delay:3" => 40, _ => 75 };
        Assert.True(orders.Count >= expected, $"only {orders.Count} orders");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_choice_of_data_does_not_shift_the_order(string token)
    {
        var known = Calibration.Of(Some);
        for (var seed = 0ul; seed < 50; seed++)
        {
            Assert.Equal(Order(token, seed, known, choices: 1), Order(token, seed, known, choices: 5));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_choice_of_data_is_uniform(string token)
    {
        var known = Calibration.Of(Some);
        var counts = new int[4];
        for (var seed = 0ul; seed < 2_000; seed++)
        {
            Toys.Run(
                Strategies.Of(token).Create(seed, known),
                world => world.Spawn("a", current =>
                {
                    counts[current.Choose(4, "anything")]++;
                    return default;
                }));
        }

        ChiSquare.AssertUniform(counts);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_loop_that_another_task_will_end_does_end(string token) => AssertClean(token, runs: 300, world =>
    {
        var flag = world.Add(new Cell("flag"));
        world.Poller("poller", flag);
        world.Spawn("writer", async current => await current.Ask(flag, new Write(1)));
    });

    [Theory]
    [MemberData(nameof(All))]
    public void Loops_end_though_the_task_they_wait_for_has_far_to_go_and_waits_for_locks(string token) => AssertClean(token, runs: 60, world =>
    {
        var (flag, aside, contended) = (world.Add(new Cell("flag")), world.Add(new Cell("aside")), world.Add(new Cell("contended")));
        for (var i = 0; i < 3; i++) world.Poller($"poller{i}", flag);
        for (var i = 0; i < 2; i++) world.Locker($"locker{i}", contended);
        world.Spawn("writer", async current =>
        {
            await current.Ask(contended, new Take());
            for (var i = 0; i < 200; i++) await current.Ask(aside, new Touch());
            await current.Ask(contended, new Drop());
            await current.Ask(flag, new Write(1));
        });
    });

    [Theory]
    [MemberData(nameof(All))]
    public void A_loop_ends_by_what_was_told(string token) => AssertClean(token, runs: 300, world =>
    {
        var flag = world.Add(new Cell("flag"));
        world.Spawn("teller", current =>
        {
            current.Tell(flag, new Write(1));
            return default;
        });
        world.Poller("poller", flag);
    });

    [Theory]
    [MemberData(nameof(All))]
    public void A_lock_that_is_polled_for_is_given_back(string token) => AssertClean(token, runs: 300, world =>
    {
        var (lockOwner, aside) = (world.Add(new Cell("lockOwner")), world.Add(new Cell("aside")));
        for (var i = 0; i < 3; i++)
        {
            world.Spawn($"t{i}", async current =>
            {
                while (!await current.Ask(lockOwner, new TryTake()))
                {
                    await current.Ask(aside, new Touch());
                    current.Retry("trylock");
                }

                for (var step = 0; step < 30; step++) await current.Ask(aside, new Touch());
                await current.Ask(lockOwner, new Drop());
            });
        }
    });

    [Theory]
    [MemberData(nameof(All))]
    public void Two_tasks_that_try_for_two_locks_in_both_orders_do_not_stay_in_step_for_ever(string token) => AssertClean(token, runs: 300, world =>
    {
        var (a, b) = (world.Add(new Cell("a")), world.Add(new Cell("b")));
        world.Spawn("t1", current => TakesBoth(current, a, b));
        world.Spawn("t2", current => TakesBoth(current, b, a));

        static async Path TakesBoth(KernelTask current, Cell first, Cell second)
        {
            while (true)
            {
                await current.Ask(first, new Take());
                if (await current.Ask(second, new TryTake())) break;
                await current.Ask(first, new Drop());
                current.Retry("trylock");
            }

            await current.Ask(second, new Drop());
            await current.Ask(first, new Drop());
        }
    });

    private static ulong Order(string token, ulong seed, Calibration known, int choices)
    {
        var (world, finding) = Toys.Run(Strategies.Of(token).Create(seed, known), world => Busy.Build(world, choices));
        Assert.Null(finding);
        return world.Order;
    }

    private static void AssertClean(string token, int runs, Action<World> build)
    {
        var known = Calibration.Of(new("clean", build));
        for (var seed = 0ul; seed < (ulong)runs; seed++)
        {
            var (world, finding) = Toys.Run(Strategies.Of(token).Create(seed, known), build, stepLimit: 20_000);

            Assert.True(finding is null, $"seed {seed}: {finding?.Title}");
            Assert.All(world.Tasks, task => Assert.True(task.HasExited));
        }
    }
}
