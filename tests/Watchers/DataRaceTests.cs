using GmemActors.Engine;
using GmemActors.Tests.Engine;

namespace GmemActors.Tests.Watchers;

/// <summary>Two accesses race if nothing orders them, in whatever order they came.</summary>
public class DataRaceTests
{
    private const LockMode Shared = LockMode.Shared;

    private static readonly PlainRead Read = new();
    private static readonly PlainWrite Write = new();

    [Fact]
    public void A_write_and_a_read_without_a_lock_are_worded_as_kcsan_does()
    {
        var race = Assert.IsType<DataRace>(Two([Write], [new Enter('m'), Read, new Leave('m')], "a", "b", "b"));

        Assert.Equal("BUG: KCSAN: data-race in plain_read / plain_write", race.Title);
        Assert.Equal("plain_read / plain_write on value", race.Cause);
        Assert.Equal("write to value shared by task a in plain_write, step 1, with no lock held", race.Details[0]);
        Assert.Equal("read of value shared by task b in plain_read, step 3, with mutex shared held", race.Details[1]);
    }

    [Fact]
    public void Whatever_comes_first_the_cause_is_the_same() =>
        Assert.Equal(Two([Write], [Read], "a", "b")?.Fingerprint, Two([Write], [Read], "b", "a")?.Fingerprint);

    [Fact]
    public void Two_writes_race() => Assert.IsType<DataRace>(Two([Write], [Write], "a", "b"));

    [Fact]
    public void A_marked_write_and_a_plain_one_race() => Assert.IsType<DataRace>(Two([new MarkedWrite()], [Write], "a", "b"));

    [Fact]
    public void A_marked_write_and_a_plain_read_race() => Assert.IsType<DataRace>(Two([new MarkedWrite()], [Read], "b", "a"));

    [Fact]
    public void Two_readers_do_not_race() => Assert.Null(Two([Read], [Read], "a", "b"));

    [Fact]
    public void A_plain_write_and_a_marked_read_do_not_race() => Assert.Null(Two([Write], [new MarkedRead()], "a", "b"));

    [Fact]
    public void Two_marked_writes_do_not_race() => Assert.Null(Two([new MarkedWrite()], [new MarkedWrite()], "a", "b"));

    [Fact]
    public void A_common_lock_keeps_them_apart() => Assert.Null(Everywhere(Locked('m', Write), Locked('m', Read)));

    [Fact]
    public void Two_locks_do_not() => Assert.IsType<DataRace>(Everywhere(Locked('m', Write), Locked('r', Read)));

    [Fact]
    public void Readers_of_one_rwlock_are_not_kept_apart() =>
        Assert.IsType<DataRace>(Everywhere(Locked('r', Write, Shared), Locked('r', Read, Shared)));

    [Fact]
    public void A_reader_and_a_writer_of_one_rwlock_are() => Assert.Null(Everywhere(Locked('r', Write), Locked('r', Read, Shared)));

    [Fact]
    public void A_lock_that_is_tried_counts_as_one_that_is_waited_for() =>
        Assert.Null(Two([new TryEnter('m'), Write, new Leave('m')], Locked('m', Read), "a", "a", "a", "b", "b", "b"));

    [Fact]
    public void A_lock_that_was_given_back_orders_what_came_before_it() =>
        Assert.Null(Two([Write, new Enter('m'), new Leave('m')], [new Enter('m'), new Leave('m'), Read], "a", "a", "a", "b", "b", "b"));

    [Fact]
    public void A_grace_period_ends_after_those_who_read() =>
        Assert.Null(Everywhere([new Enter('s', Shared), Read, new Leave('s')], [new Synchronize(), Write], "a"));

    [Fact]
    public void Without_a_grace_period_an_update_races_with_who_reads() =>
        Assert.IsType<DataRace>(Everywhere([new Enter('s', Shared), Read, new Leave('s')], [Write]));

    [Fact]
    public void Who_reads_after_a_grace_period_sees_what_came_before_it() =>
        Assert.Null(Two([Write, new Synchronize()], [new Enter('s', Shared), Read, new Leave('s')], "a", "a", "b", "b", "b"));

    [Fact]
    public void Who_follows_a_published_pointer_sees_what_came_before_it() =>
        Assert.Null(Two([Write, new Publish()], [new Follow(), Read], "a", "a", "b", "b"));

    [Fact]
    public void Who_follows_a_pointer_too_early_does_not() =>
        Assert.IsType<DataRace>(Two([Write, new Publish()], [new Follow(), Read], "a", "b", "a", "b"));

    [Fact]
    public void A_gate_lets_on_after_who_opened_it() => Assert.Null(Everywhere([Write, new OpenUp()], [new GoThrough(), Read]));

    [Fact]
    public void A_task_sees_what_came_before_its_start_and_its_end_is_seen_by_who_joins_it()
    {
        var finding = Toys.Find(world =>
        {
            var shared = world.Add(new Shared());
            world.Spawn("parent", async current =>
            {
                await current.Ask(shared, new PlainWrite());
                var child = current.Spawn("child", task => Do(task, shared, [Write]));
                await current.Join(child);
                await current.Ask(shared, Read);
            });
        });

        Assert.Null(finding);
    }

    [Fact]
    public void Who_starts_a_task_and_goes_on_races_with_it()
    {
        var finding = Toys.Find(world =>
        {
            var shared = world.Add(new Shared());
            world.Spawn("parent", async current =>
            {
                await current.Ask(shared, new OpenUp());
                current.Spawn("child", task => Do(task, shared, [Write]));
                await current.Ask(shared, Read);
            });
        });

        Assert.IsType<DataRace>(finding);
    }

    [Fact]
    public void It_can_be_switched_off()
    {
        var world = new World(new RandomWalk(0), watch: GmemActors.Engine.Watchers.All & ~GmemActors.Engine.Watchers.DataRaces);
        var shared = world.Add(new Shared());
        world.Spawn("a", current => Do(current, shared, [Write]));
        world.Spawn("b", current => Do(current, shared, [Write]));

        Assert.Null(world.Run());
    }

    [Fact]
    public void More_tasks_than_a_clock_has_room_for_at_first()
    {
        var finding = Toys.Find(world =>
        {
            var shared = world.Add(new Shared());
            for (var i = 0; i < 40; i++) world.Spawn($"t{i}", current => Do(current, shared, Locked('m', Write)));
        });
        var race = Toys.Find(world =>
        {
            var shared = world.Add(new Shared());
            for (var i = 0; i < 40; i++) world.Spawn($"t{i}", current => Do(current, shared, i == 39 ? [Write] : Locked('m', Write)));
        });

        Assert.Null(finding);
        Assert.IsType<DataRace>(race);
    }

    private static Message[] Locked(char which, Message access, LockMode mode = LockMode.Exclusive) =>
        [new Enter(which, mode), access, new Leave(which)];

    private static async Path Do(KernelTask current, Shared shared, Message[] messages)
    {
        foreach (var message in messages)
        {
            switch (message)
            {
                case Message<Done> ask:
                    await current.Ask(shared, ask);
                    break;
                case TryEnter attempt:
                    Assert.True(await current.Ask(shared, attempt));
                    break;
            }
        }
    }

    private static Finding? Two(Message[] first, Message[] second, params string[] script) =>
        Run(new Script(script), first, second, new Recording());

    // The finding of any of many interleavings; those that begin with a task alone if one is named.
    private static Finding? Everywhere(Message[] first, Message[] second, params string[] script)
    {
        if (script.Length > 0) return Two(first, second, script);
        return Enumerable.Range(0, 50).Select(seed => Run(new RandomWalk((ulong)seed), first, second)).FirstOrDefault(finding => finding is not null);
    }

    private static Finding? Run(Strategy strategy, Message[] first, Message[] second, Recorder? recorder = null)
    {
        var world = new World(strategy, recorder: recorder);
        var shared = world.Add(new Shared());
        world.Spawn("a", current => Do(current, shared, first));
        world.Spawn("b", current => Do(current, shared, second));
        return world.Run();
    }

    private sealed class Recording : Recorder
    {
        public override void Delivered(long step, Pending delivered, Reply reply)
        {
        }

        public override void Queued(long step, Pending request)
        {
        }

        public override void Chose(KernelTask task, int count, string what, int chosen)
        {
        }
    }
}
