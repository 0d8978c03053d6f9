using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class CpuTests
{
    private static readonly Translation Page = new(new(0x1007), PageLevel.Level4K, writable: true);

    private readonly Cpu _cpu = new("cpu0");
    private readonly Lab _lab;

    public CpuTests() => _lab = new(_cpu);

    [Fact]
    public void A_translation_survives_an_exit()
    {
        _lab.Ask(_cpu, new EnterGuest());
        _lab.Ask(_cpu, new TlbFill(new(7), Page));
        _lab.Ask(_cpu, new ExitGuest());
        _lab.Ask(_cpu, new EnterGuest());

        Assert.Equal(Page, _lab.Ask(_cpu, new TlbLookup(new(7))));
        Assert.False(_lab.Ask(_cpu, new TlbLookup(new(8))).IsPresent);
    }

    [Fact]
    public void A_flush_at_entry_forgets_all()
    {
        _lab.Ask(_cpu, new EnterGuest());
        _lab.Ask(_cpu, new TlbFill(new(7), Page));
        _lab.Ask(_cpu, new ExitGuest());
        _lab.Ask(_cpu, new EnterGuest(FlushTlb: true));

        Assert.Equal(0, _cpu.TlbCount);
    }

    [Fact]
    public void A_2M_translation_serves_all_of_its_pages()
    {
        _lab.Ask(_cpu, new EnterGuest());
        _lab.Ask(_cpu, new TlbFill(new(0x2007), new(new(0x1000), PageLevel.Level2M, writable: false)));

        var found = _lab.Ask(_cpu, new TlbLookup(new(0x21FF)));

        Assert.Equal(new Pfn(0x11FF), found.PfnOf(new(0x21FF)));
        Assert.True(found.Allows(AccessKind.Read));
        Assert.False(found.Allows(AccessKind.Write));
        Assert.False(_lab.Ask(_cpu, new TlbLookup(new(0x2200))).IsPresent);
    }

    [Fact]
    public void One_frame_can_be_flushed()
    {
        _lab.Ask(_cpu, new EnterGuest());
        _lab.Ask(_cpu, new TlbFill(new(7), Page));
        _lab.Ask(_cpu, new TlbFill(new(8), Page));
        _lab.Ask(_cpu, new TlbFlushGfn(new(7)));

        Assert.Equal((new Gfn(8), Page), _cpu.TlbEntry(0));
        Assert.Equal(1, _cpu.TlbCount);

        _lab.Ask(_cpu, new TlbFlush());
        Assert.Equal(0, _cpu.TlbCount);
    }

    [Fact]
    public void A_later_walk_replaces_what_is_cached()
    {
        var readOnly = new Translation(new(0x1007), PageLevel.Level4K, writable: false);
        _lab.Ask(_cpu, new EnterGuest());
        _lab.Ask(_cpu, new TlbFill(new(7), readOnly));
        _lab.Ask(_cpu, new TlbFill(new(7), Page));

        Assert.Equal(1, _cpu.TlbCount);
        Assert.Equal(Page, _lab.Ask(_cpu, new TlbLookup(new(7))));
    }

    [Fact]
    public void An_interrupt_in_host_mode_is_taken_at_once()
    {
        Assert.False(_lab.Ask(_cpu, new SendIpi()));
        Assert.Equal(default, _lab.Ask(_cpu, new WaitForIpi()));
    }

    [Fact]
    public void An_interrupt_waits_for_the_exit_and_for_interrupts_to_be_on() => Lab.Explore(300, world =>
    {
        var cpu = world.Add(new Cpu("cpu0"));
        var isOut = false;
        world.Spawn("vcpu0", Vcpu);
        world.Spawn("kicker", Kicker);

        async Path Vcpu(KernelTask current)
        {
            await current.Ask(cpu, new LocalIrqDisable());
            await current.Ask(cpu, new EnterGuest());
            await current.Ask(cpu, new RunUntilInterrupted());
            Assert.True(await current.Ask(cpu, new IpiPending()));
            await current.Ask(cpu, new ExitGuest());
            Assert.True(await current.Ask(cpu, new IpiPending()));
            isOut = true;
            await current.Ask(cpu, new LocalIrqEnable());
        }

        async Path Kicker(KernelTask current)
        {
            while (!await current.Ask(cpu, new SendIpi())) current.Retry("not in guest mode yet");
            await current.Ask(cpu, new WaitForIpi());
            Assert.True(isOut);
            Assert.False(await current.Ask(cpu, new IpiPending()));
        }
    });

    [Fact]
    public void Two_processors_that_wait_for_each_others_interrupt_with_interrupts_off_never_go_on()
    {
        var explorer = new Explorer(
            new("lab", world =>
            {
                var (left, right) = (world.Add(new Cpu("cpu0")), world.Add(new Cpu("cpu1")));
                world.Spawn("left", current => Kick(current, left, right));
                world.Spawn("right", current => Kick(current, right, left));
            }),
            seed => new RandomWalk(seed));

        var findings = explorer.Explore(1, 200, ends: _ => false).Findings;

        Assert.IsType<Deadlock>(Assert.Single(findings).Finding);

        static async Path Kick(KernelTask current, Cpu own, Cpu other)
        {
            await current.Ask(own, new LocalIrqDisable());
            await current.Ask(other, new SendIpi());
            await current.Ask(other, new WaitForIpi());
            await current.Ask(own, new LocalIrqEnable());
        }
    }

    [Theory]
    [InlineData(Flush.None, true)]
    [InlineData(Flush.NotAwaited, true)]
    [InlineData(Flush.Awaited, false)]
    public void A_remote_flush_that_is_missing_or_not_awaited_shows_as_an_access_through_a_stale_translation(
        Flush flush, bool stale)
    {
        var seen = false;
        Lab.Explore(500, world =>
        {
            var cpu = world.Add(new Cpu("cpu0"));
            var tables = world.Add(new OnePage("tables", Page));
            var freed = false;
            world.Spawn("vcpu0", Vcpu);
            world.Spawn("zapper", Zapper);

            async Path Vcpu(KernelTask current)
            {
                for (var entry = 0; entry < 2; entry++)
                {
                    await current.Ask(cpu, new EnterGuest(FlushTlb: flush != Flush.None));
                    for (var access = 0; access < 2; access++)
                    {
                        var walk = new OnePage.Walk(new(7));
                        var found = await PageWalk.Translate(current, cpu, tables, walk, walk.Gfn, AccessKind.Write);
                        seen |= found.IsPresent && freed;
                    }

                    await current.Ask(cpu, new ExitGuest());
                }
            }

            async Path Zapper(KernelTask current)
            {
                await current.Ask(tables, new OnePage.Map(Translation.None));
                if (flush != Flush.None) await current.Ask(cpu, new SendIpi());
                if (flush == Flush.Awaited) await current.Ask(cpu, new WaitForIpi());
                freed = true;
            }
        });

        Assert.Equal(stale, seen);
    }

    public enum Flush
    {
        None,
        NotAwaited,
        Awaited,
    }
}
