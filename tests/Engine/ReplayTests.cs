using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class ReplayTests
{
    private static readonly Explorer Explorer = LostUpdate.Explorer(LostUpdate.Model(3, bystanders: 2));

    [Fact]
    public void A_schedule_replays_to_the_same_trace_without_its_seed()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var original = Explorer.Replay(seed);
            var schedule = new Schedule("lost-update", [], original.Choices);
            Assert.True(ScheduleFile.TryRead(ScheduleFile.Write(schedule), out var read, out _));

            var replayed = Explorer.Replay(read.Choices);

            Assert.Equal(original.Fingerprint, replayed.Fingerprint);
            Assert.Equal((0, 0), (replayed.Skipped, replayed.Inserted));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_that_queues_is_recorded_and_replayed(bool isFirstCome)
    {
        var explorer = LostUpdate.Explorer(new Model("queues", world =>
        {
            var cell = world.Add(new Cell("x", owner => isFirstCome ? new FirstComeLock(owner, "rwsem") : new RwLock(owner, "rwsem")));
            foreach (var (name, mode) in new[] { ("r1", LockMode.Shared), ("r2", LockMode.Shared), ("w", LockMode.Exclusive) })
            {
                world.Spawn(name, async current =>
                {
                    await current.Ask(cell, new Take(mode));
                    await current.Ask(cell, new Drop());
                });
            }
        }));
        var queued = 0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            var original = explorer.Replay(seed);
            if (original.Trace.FirstOrDefault(step => step.Kind == TraceKind.Queued) is not { } first) continue;
            queued++;
            Assert.Equal(("x", "take", ""), (first.Actor, first.Message, first.Reply));
            Assert.Contains(original.Trace, step => step == first with { Step = step.Step, Kind = TraceKind.Asked } && step.Step > first.Step);
            Assert.True(ScheduleFile.TryRead(ScheduleFile.Write(new Schedule("queues", [], original.Choices)), out var read, out _));

            var replayed = explorer.Replay(read.Choices);

            Assert.Equal(original.Fingerprint, replayed.Fingerprint);
            Assert.Equal(original.Trace, replayed.Trace);
            Assert.Equal((0, 0), (replayed.Skipped, replayed.Inserted));
        }

        Assert.InRange(queued, 50, 200);
    }

    [Fact]
    public void A_schedule_survives_a_path_that_got_a_step()
    {
        var found = Explorer.Replay(Explorer.Explore(1, 1000).Findings[0].Seed);
        var edited = LostUpdate.Explorer(LostUpdate.Model(3, bystanders: 2, extraStep: true));

        var replayed = edited.Replay(found.Choices);

        Assert.Equal(found.Finding!.Fingerprint, replayed.Finding?.Fingerprint);
        Assert.Equal(3, replayed.Inserted);
    }

    [Fact]
    public void A_schedule_survives_a_path_that_lost_a_step()
    {
        var before = LostUpdate.Explorer(LostUpdate.Model(3, bystanders: 2, extraStep: true));
        var found = before.Replay(before.Explore(1, 1000).Findings[0].Seed);

        var replayed = Explorer.Replay(found.Choices);

        Assert.Equal(found.Finding!.Fingerprint, replayed.Finding?.Fingerprint);
        Assert.Equal(3, replayed.Skipped);
    }

    [Fact]
    public void A_schedule_survives_a_path_that_got_a_retry()
    {
        var before = LostUpdate.Explorer(Gated(retries: false));
        var after = LostUpdate.Explorer(Gated(retries: true));
        Choice[] choices =
        [
            new Delivery("setter", "look", "number"),
            new Delivery("waiter", "look", "number"),
            new Delivery("waiter", "write_number", "number"),
            new Delivery("setter", "write_number", "number"),
        ];
        Assert.Equal((0, 0), (before.Replay(choices).Skipped, before.Replay(choices).Inserted));

        var replayed = after.Replay(choices);

        Assert.Null(replayed.Finding);
        Assert.Equal((1, 1), (replayed.Skipped, replayed.Inserted));
        Assert.Equal(["setter", "waiter", "waiter", "setter", "waiter", "waiter"], replayed.Trace.Select(step => step.Task));
    }

    [Fact]
    public void A_schedule_that_is_cut_goes_on_past_its_end()
    {
        var original = Explorer.Replay(1);

        var replayed = Explorer.Replay([.. original.Choices.OfType<Delivery>().Take(4)]);

        Assert.Equal(original.Trace.Take(4), replayed.Trace.Take(4));
        Assert.Equal(original.Trace.Count, replayed.Trace.Count);
    }

    // The waiter writes; in the newer version it first waits for what the setter writes.
    private static Model Gated(bool retries) => new("gated", world =>
    {
        var number = world.Add(new Number("number"));
        world.Spawn("setter", async current =>
        {
            await current.Ask(number, new Look());
            await current.Ask(number, new WriteNumber(1));
        });
        world.Spawn("waiter", async current =>
        {
            await current.Ask(number, new Look());
            while (retries && await current.Ask(number, new ReadNumber()) == 0) current.Retry("number == 0");
            await current.Ask(number, new WriteNumber(2));
        });
    });

    [Fact]
    public void A_schedule_for_a_task_that_is_not_there_says_where_it_leaves_the_rails()
    {
        var choices = new Choice[] { Explorer.Replay(1).Choices[0], new Delivery("nobody", "look", "number") };

        var error = Assert.Throws<OffTheRailsException>(() => Explorer.Replay(choices));

        Assert.Equal("the schedule leaves the rails at step 2 (nobody look number): there is no nobody", error.Message);
    }

    [Fact]
    public void A_schedule_that_wants_a_lock_which_is_taken_says_who_holds_it()
    {
        var model = new Model("locks", world =>
        {
            var locks = world.Add(new TwoLocks("locks"));
            foreach (var name in (string[])["first", "second"])
            {
                world.Spawn(name, async current =>
                {
                    await current.Ask(locks, new TakeLock('a'));
                    await current.Ask(locks, new GiveLock('a'));
                });
            }
        });
        Choice[] choices = [new Delivery("first", "take_lock", "locks"), new Delivery("second", "take_lock", "locks")];

        var error = Assert.Throws<OffTheRailsException>(() => LostUpdate.Explorer(model).Replay(choices));

        Assert.EndsWith("second waits in take_lock locks for a: first holds it exclusive since step 1", error.Message, StringComparison.Ordinal);
    }
}
