using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class PathTests
{
    private const int Deep = 10_000;

    [Fact]
    public void A_chain_of_ten_thousand_paths_is_awaited_and_returns_through_all_of_them()
    {
        var sum = 0;
        var (world, finding) = RunOne(async (current, cell) => sum = await Down(current, cell, Deep));

        Assert.Null(finding);
        Assert.Equal(Deep, sum);
        Assert.Equal(Deep, world.Step);

        static async Path<int> Down(KernelTask current, Cell cell, int depth)
        {
            if (depth == 0) return 0;
            await current.Ask(cell, new Increment());
            return 1 + await Down(current, cell, depth - 1);
        }
    }

    [Fact]
    public void A_deep_chain_may_ask_at_its_far_end_again_and_again()
    {
        var (world, finding) = RunOne(async (current, cell) => await Down(current, cell, 1000));

        Assert.Null(finding);
        Assert.Equal(100, world.Step);

        static async Path Down(KernelTask current, Cell cell, int depth)
        {
            if (depth > 0) await Down(current, cell, depth - 1);
            else for (var i = 0; i < 100; i++) await current.Ask(cell, new Increment());
        }
    }

    [Fact]
    public void Paths_return_what_they_found_with_and_without_asking()
    {
        var found = new List<object>();
        RunOne(async (current, cell) =>
        {
            found.Add(await Asks(current, cell));
            found.Add(await AsksNothing());
            found.Add(await new Path<string>("ready"));
            found.Add(await current.Ask(cell, new Pair()));
        });

        Assert.Equal(["asked 1", 42, "ready", (1L << 40, "both")], found);

        static async Path<string> Asks(KernelTask current, Cell cell) => $"asked {await current.Ask(cell, new Increment())}";

        // The compiler warns of an async method that awaits nothing; a path that returns early is one.
        static async Path<int> AsksNothing() => await new Path<int>(42);
    }

    [Fact]
    public void Awaiting_a_foreign_task_fails_by_name()
    {
        var error = Assert.Throws<InternalErrorException>(() =>
            RunOne(async (_, _) => await new System.Threading.Tasks.TaskCompletionSource().Task));

        Assert.Equal("a path may await a request (current.Ask) or another path, nothing else", error.Message);
    }

    [Fact]
    public void A_second_request_before_the_first_reply_fails_by_name()
    {
        var error = Assert.Throws<InternalErrorException>(() => RunOne(async (current, cell) =>
        {
            var first = Forgotten(current, cell);
            await current.Ask(cell, new Read());
            await first;
        }));

        Assert.Equal("t sent a second request before the reply to its first", error.Message);

        static async Path Forgotten(KernelTask current, Cell cell) => await current.Ask(cell, new Read());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_exception_comes_out_through_all_callers(bool isBeforeFirstRequest)
    {
        var unwound = 0;
        var error = Assert.Throws<InvalidOperationException>(() => RunOne(async (current, cell) => await Middle(current, cell)));

        Assert.Equal("thrown at the bottom", error.Message);
        Assert.Equal(1, unwound);

        async Path Middle(KernelTask current, Cell cell)
        {
            try
            {
                await Bottom(current, cell);
            }
            finally
            {
                unwound++;
            }
        }

        async Path<int> Bottom(KernelTask current, Cell cell)
        {
            if (!isBeforeFirstRequest) await current.Ask(cell, new Read());
            throw new InvalidOperationException("thrown at the bottom");
        }
    }

    [Fact]
    public void An_exception_that_a_path_catches_is_over()
    {
        var (world, finding) = RunOne(async (current, cell) =>
        {
            try
            {
                await Throws(current, cell);
            }
            catch (InvalidOperationException)
            {
                await current.Ask(cell, new Increment());
            }
        });

        Assert.Null(finding);
        Assert.Equal(2, world.Step);

        static async Path Throws(KernelTask current, Cell cell)
        {
            await current.Ask(cell, new Read());
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void A_message_that_its_actor_does_not_know_fails_by_name()
    {
        var error = Assert.Throws<System.Diagnostics.UnreachableException>(() =>
            RunOne(async (current, cell) => await current.Ask(cell, new NobodyKnows())));

        Assert.Equal("x does not know nobody_knows", error.Message);
    }

    [Fact]
    public void An_actor_of_no_world_fails_by_name()
    {
        var error = Assert.Throws<InternalErrorException>(() => RunOne(async (current, _) => await current.Ask(new Cell("lost"), new Read())));

        Assert.Equal("lost was not added to this world", error.Message);
    }

    [Fact]
    public void What_one_sender_tells_one_actor_arrives_in_its_order_and_before_what_it_asks_then()
    {
        for (var seed = 0ul; seed < 200; seed++)
        {
            var (x, y) = (new Cell("x"), new Cell("y"));
            Toys.Run(new RandomWalk(seed), world =>
            {
                world.Add(x);
                world.Add(y);
                world.Spawn("a", async current =>
                {
                    for (var i = 1; i <= 3; i++)
                    {
                        current.Tell(x, new Touch($"{i}"));
                        current.Tell(y, new Touch($"{i}"));
                    }

                    await current.Ask(x, new Touch("4"));
                });
                world.Toucher("b", x, 2);
            });

            Assert.Equal("a1a2a3a4", x.Order.Replace("b", "", StringComparison.Ordinal));
            Assert.Equal("a1a2a3", y.Order);
        }
    }

    [Fact]
    public void What_was_told_may_come_after_its_sender_has_exited()
    {
        var cell = new Cell("x");
        var (world, finding) = Toys.Run(new Script("b", "b", "a"), world =>
        {
            world.Add(cell);
            world.Spawn("a", current =>
            {
                current.Tell(cell, new Touch());
                return default;
            });
            world.Toucher("b", cell, 2);
        });

        Assert.Null(finding);
        Assert.Equal("bba", cell.Order);
        Assert.Equal(3, world.Step);
    }

    [Fact]
    public void A_path_starts_tasks_and_waits_for_their_exit()
    {
        for (var seed = 0ul; seed < 100; seed++)
        {
            var cell = new Cell("x");
            var (world, finding) = Toys.Run(new RandomWalk(seed), world =>
            {
                world.Add(cell);
                world.Spawn("parent", async current =>
                {
                    var children = new List<KernelTask>();
                    for (var i = 0; i < 3; i++)
                    {
                        children.Add(current.Spawn($"child{i}", async child => await child.Ask(cell, new Touch())));
                    }

                    foreach (var child in children) await current.Join(child);
                    await current.Ask(cell, new Touch());
                });
            });

            Assert.Null(finding);
            Assert.Equal(["parent", "child0", "child1", "child2"], world.Tasks.Select(task => task.Name));
            Assert.EndsWith("parent", cell.Order, StringComparison.Ordinal);
            Assert.Equal(7, world.Step - world.QueuedSteps);
        }
    }

    [Fact]
    public void Who_waits_for_a_task_that_has_exited_already_goes_on()
    {
        var (_, finding) = Toys.Run(new RandomWalk(0), world =>
        {
            var done = world.Spawn("done", _ => default);
            world.Spawn("a", async current => await current.Join(done));
            world.Spawn("b", async current => await current.Join(done));
        });

        Assert.Null(finding);
    }

    [Fact]
    public void A_path_brings_in_actors()
    {
        var (world, finding) = RunOne(async (current, _) =>
        {
            var late = current.Add(new Cell("late"));
            await current.Ask(late, new Increment());
        });

        Assert.Null(finding);
        Assert.Equal(["x", "late"], world.Actors.Select(actor => actor.Name));
    }

    private static (World World, Finding? Finding) RunOne(Func<KernelTask, Cell, Path> body) =>
        Toys.Run(new RandomWalk(1), world =>
        {
            var cell = world.Add(new Cell("x"));
            world.Spawn("t", current => body(current, cell));
        }, stepLimit: 2 * Deep);
}
