using GmemActors.Engine;

namespace GmemActors.Tests.Locks;

public class SrcuTests
{
    private readonly List<string> _log = [];

    [Fact]
    public void An_updater_waits_for_those_who_read_already()
    {
        for (var seed = 0ul; seed < 50; seed++)
        {
            _log.Clear();
            var (world, domain) = Make(seed);
            world.Spawn("reader", async current =>
            {
                await current.Ask(domain, ReadLock.Now);
                current.Spawn("updater", task => Update(task, domain));
                for (var i = 0; i < 5; i++) await current.Ask(domain, Nothing.Now);
                _log.Add("read");
                await current.Ask(domain, ReadUnlock.Now);
            });

            Assert.Null(world.Run());
            Assert.Equal(["read", "updated"], _log);
        }
    }

    [Fact]
    public void An_updater_does_not_wait_for_those_who_begin_later()
    {
        var updatedFirst = 0;
        for (var seed = 0ul; seed < 200; seed++)
        {
            _log.Clear();
            var (world, domain) = Make(seed);
            world.Spawn("updater", task => Update(task, domain));
            world.Spawn("reader", async current =>
            {
                await current.Ask(domain, ReadLock.Now);
                for (var i = 0; i < 5; i++) await current.Ask(domain, Nothing.Now);
                _log.Add("read");
                await current.Ask(domain, ReadUnlock.Now);
            });

            Assert.Null(world.Run());
            if (_log[0] == "updated") updatedFirst++;
        }

        Assert.InRange(updatedFirst, 50, 199);
    }

    [Fact]
    public void Readers_never_wait()
    {
        var (world, domain) = Make(0);
        world.Spawn("both", async current =>
        {
            await current.Ask(domain, ReadLock.Now);
            await current.Ask(domain, ReadLock.Now);
            await current.Ask(domain, ReadUnlock.Now);
            await current.Ask(domain, ReadUnlock.Now);
        });

        Assert.Null(world.Run());
    }

    [Fact]
    public void A_reader_who_updates_waits_for_itself()
    {
        var (world, domain) = Make(0);
        world.Spawn("both", async current =>
        {
            await current.Ask(domain, ReadLock.Now);
            await current.Ask(domain, Synchronize.Now);
        });

        var deadlock = Assert.IsType<Deadlock>(world.Run());

        Assert.True(deadlock.IsCycle);
        Assert.Equal("both waits in synchronize domain for srcu: both reads since step 1", deadlock.Waits[0].ToString());
    }

    [Fact]
    public void A_reader_who_retries_for_ever_without_leaving_keeps_the_updater_out()
    {
        var (world, domain) = Make(0);
        world.Spawn("reader", async current =>
        {
            await current.Ask(domain, ReadLock.Now);
            while (true)
            {
                await current.Ask(domain, Nothing.Now);
                current.Retry("the update is not there");
            }
        });
        world.Spawn("updater", async current =>
        {
            for (var i = 0; i < 20; i++) await current.Ask(domain, Nothing.Now);
            await Update(current, domain);
        });

        Assert.Equal("the update is not there", Assert.IsType<Livelock>(world.Run()).Cause);
    }

    [Fact]
    public void A_reply_of_none_after_a_reply_of_something_is_none()
    {
        var (world, domain) = Make(0);
        world.Spawn("call", async current =>
        {
            Assert.Equal("x", await current.Ask(domain, new Echo("x")));
            Assert.Null(await current.Ask(domain, new Echo(null)));
        });

        Assert.Null(world.Run());
    }

    private static (World World, Domain Domain) Make(ulong seed)
    {
        var world = new World(new RandomWalk(seed));
        return (world, world.Add(new Domain()));
    }

    private async Path Update(KernelTask current, Domain domain)
    {
        await current.Ask(domain, Synchronize.Now);
        _log.Add("updated");
    }

    private sealed record ReadLock() : Acquire(LockMode.Shared)
    {
        internal static readonly ReadLock Now = new();
    }

    private sealed record ReadUnlock : Release
    {
        internal static readonly ReadUnlock Now = new();
    }

    private sealed record Synchronize : Wait<Done>
    {
        internal static readonly Synchronize Now = new();
    }

    private sealed record Nothing : Query<Done>
    {
        internal static readonly Nothing Now = new();
    }

    private sealed record Echo(string? Text) : Query<string?>;

    private sealed class Domain : Actor
    {
        private readonly Srcu _srcu;

        internal Domain() : base("domain") => _srcu = new(this, "srcu");

        protected internal override Lock LockOf(Message message) => _srcu;

        protected internal override Gate GateOf(KernelTask sender, Message message) => _srcu.Synchronize(sender);

        protected internal override Reply Handle(KernelTask sender, Message message) =>
            message is Echo echo ? echo.Reply(echo.Text) : Reply.Done;
    }
}
