using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class TdxConcurrencyTests
{
    [Fact]
    public void Accept_against_block_either_comes_first_or_one_of_them_meets_BUSY_and_the_host_has_priority()
    {
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        Lab.Explore(500, world =>
        {
            var td = new TdxWorld(world);
            var (accepted, blocked) = (TdxStatus.Success, TdxStatus.Success);
            td.Start(Vcpu, Zapper);
            world.Finally("noted", () =>
            {
                outcomes.Add($"{accepted} / {blocked} / {td.State()}");
                return null;
            });

            async Path Vcpu(KernelTask current)
            {
                await Seamcalls.TdhVpEnter(current, td.Vcpu);
                accepted = await TdGuest.Accept(current, td.Vcpu, TdxLab.Gfn);
                await Seamcalls.Exit(current, td.Vcpu, rip: 1);
            }

            async Path Zapper(KernelTask current) =>
                blocked = await Seamcalls.Call(current, td.Module, new TdhMemRangeBlock(td.Tdr, TdxLab.Gfn, PageLevel.Level4K));
        });

        Assert.Equal(
            [
                "EPT violation exit / Success / PendingBlocked",
                "OperandBusy(SeptEntry) / Success / PendingBlocked",
                "Success / OperandBusy(SeptEntry) / Mapped",
                "Success / Success / Blocked",
            ],
            outcomes);
    }

    [Fact]
    public void A_guest_that_accepts_again_and_again_gives_way_to_a_host_that_failed()
    {
        var gaveWay = 0;
        Lab.Explore(500, world =>
        {
            var td = new TdxWorld(world);
            td.Start(Vcpu, Zapper);
            world.Finally("the page is blocked", () => td.State().IsBlocked() ? null : $"{td.State()}");
            world.Finally("no lock is left", () => td.Module.TakenLocks == 0 ? null : "some");

            async Path Vcpu(KernelTask current)
            {
                await Seamcalls.TdhVpEnter(current, td.Vcpu);
                for (var page = 0; page < 3; page++)
                {
                    while (await TdGuest.Accept(current, td.Vcpu, TdxLab.Gfn) is { IsError: true } status)
                    {
                        if (status.Code == TdxCode.BusyHostPriority) gaveWay++;
                        current.Retry("ACCEPT busy");
                    }
                }

                await Seamcalls.Exit(current, td.Vcpu, rip: 1);
            }

            async Path Zapper(KernelTask current)
            {
                var block = new TdhMemRangeBlock(td.Tdr, TdxLab.Gfn, PageLevel.Level4K);
                while (await Seamcalls.Call(current, td.Module, block) is { IsError: true } status)
                {
                    Assert.Equal(TdxCode.OperandBusy.With(TdxOperand.SeptEntry), status);
                    current.Retry("BLOCK busy");
                }
            }
        });

        Assert.InRange(gaveWay, 10, 5000);
    }

    [Fact]
    public void U30_a_host_that_kicks_and_repeats_once_meets_no_second_BUSY()
    {
        var busy = 0;
        Lab.Explore(500, world =>
        {
            var td = new TdxWorld(world);
            var forbidden = false;
            td.Start(Vcpu, Zapper);

            async Path Vcpu(KernelTask current)
            {
                await current.Ask(td.Cpu, new LocalIrqDisable());
                if (!forbidden)
                {
                    await Seamcalls.TdhVpEnter(current, td.Vcpu);
                    await TdGuest.Accept(current, td.Vcpu, TdxLab.Gfn);
                    await Seamcalls.Exit(current, td.Vcpu, rip: 1);
                }

                await current.Ask(td.Cpu, new LocalIrqEnable());
            }

            async Path Zapper(KernelTask current)
            {
                var block = new TdhMemRangeBlock(td.Tdr, TdxLab.Gfn, PageLevel.Level4K);
                if (await Seamcalls.Call(current, td.Module, block) is not { IsError: true }) return;
                busy++;
                forbidden = true;
                await current.Ask(td.Cpu, new SendIpi());
                await current.Ask(td.Cpu, new WaitForIpi());
                Assert.Equal(TdxStatus.Success, await Seamcalls.Call(current, td.Module, block));
            }
        });

        Assert.InRange(busy, 10, 490);
    }

    [Fact]
    public void Enter_against_track_meets_BUSY_on_the_epoch_or_comes_before_or_after()
    {
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        Lab.Explore(500, world =>
        {
            var td = new TdxWorld(world);
            var (entered, tracked) = (TdxStatus.Success, TdxStatus.Success);
            td.Start(Vcpu, Tracker);
            world.Finally("noted", () =>
            {
                outcomes.Add($"{entered} / {tracked}");
                return null;
            });

            async Path Vcpu(KernelTask current)
            {
                entered = await Seamcalls.TdhVpEnter(current, td.Vcpu);
                if (entered == TdxStatus.Success) await Seamcalls.Exit(current, td.Vcpu, rip: 1);
            }

            async Path Tracker(KernelTask current) => tracked = await Seamcalls.Call(current, td.Module, new TdhMemTrack(td.Tdr));
        });

        Assert.Equal(["OperandBusy(TdEpoch) / Success", "Success / OperandBusy(TdEpoch)", "Success / Success"], outcomes);
    }

    [Fact]
    public void Who_has_acknowledged_a_kick_is_out_of_its_epoch()
    {
        var kicked = 0;
        Lab.Explore(500, world =>
        {
            var td = new TdxWorld(world, accepted: true);
            td.Start(Vcpu, Zapper);

            async Path Vcpu(KernelTask current)
            {
                await current.Ask(td.Cpu, new LocalIrqDisable());
                var entered = await Seamcalls.TdhVpEnter(current, td.Vcpu);
                await current.Ask(td.Cpu, new LocalIrqEnable());
                if (entered == TdxStatus.Success) await Seamcalls.Exit(current, td.Vcpu, rip: 1);
            }

            async Path Zapper(KernelTask current)
            {
                await Repeat(current, td, new TdhMemTrack(td.Tdr));
                if (await current.Ask(td.Cpu, new SendIpi())) kicked++;
                await current.Ask(td.Cpu, new WaitForIpi());
                var again = await Seamcalls.Call(current, td.Module, new TdhMemTrack(td.Tdr));
                Assert.NotEqual(TdxCode.PreviousTlbEpochBusy, again.Code);
            }
        });

        Assert.InRange(kicked, 50, 500);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_could_be_removed_is_in_no_TLB_of_a_processor_inside(bool kick)
    {
        var (removed, refused) = (0, 0);
        Lab.Explore(500, world =>
        {
            var td = new TdxWorld(world, accepted: true);
            td.Start(Vcpu, Zapper);
            world.Always(
                "no processor inside has a translation of a page that the host has",
                () => td.Module.TypeOf(td.Page) != PamtPageType.Nda || !td.Cpu.InGuestMode || !td.Module.IsInside(td.Vcpu.Tdvpr) || td.Cpu.TlbCount == 0,
                td.Module,
                td.Cpu);

            async Path Vcpu(KernelTask current)
            {
                for (var i = 0; i < 3; i++)
                {
                    await current.Ask(td.Cpu, new LocalIrqDisable());
                    if (await Seamcalls.TdhVpEnter(current, td.Vcpu) == TdxStatus.Success)
                    {
                        await TdGuest.Access(current, td.Vcpu, TdxLab.Gfn, AccessKind.Write);
                        await Seamcalls.Exit(current, td.Vcpu, rip: 1);
                    }

                    await current.Ask(td.Cpu, new LocalIrqEnable());
                }
            }

            async Path Zapper(KernelTask current)
            {
                await Repeat(current, td, new TdhMemRangeBlock(td.Tdr, TdxLab.Gfn, PageLevel.Level4K));
                await Repeat(current, td, new TdhMemTrack(td.Tdr));
                if (kick)
                {
                    await current.Ask(td.Cpu, new SendIpi());
                    await current.Ask(td.Cpu, new WaitForIpi());
                }

                var status = await Repeat(current, td, new TdhMemPageRemove(td.Tdr, TdxLab.Gfn, PageLevel.Level4K));
                if (status == TdxStatus.Success) removed++;
                else refused++;
                Assert.True(status == TdxStatus.Success || (!kick && status.Code == TdxCode.TlbTrackingNotDone));
            }
        });

        Assert.Equal(500, removed + refused);
        Assert.Equal(kick, refused == 0);
        Assert.True(removed > 0);
    }

    private static async Path<TdxStatus> Repeat(KernelTask current, TdxWorld td, Seamcall call)
    {
        while (true)
        {
            var status = await Seamcalls.Call(current, td.Module, call);
            if (status.Code is not (TdxCode.OperandBusy or TdxCode.PreviousTlbEpochBusy)) return status;
            current.Retry("busy");
        }
    }

    /// <summary>A running trust domain with one vCPU and one page, built before the tasks of a test begin.</summary>
    private sealed class TdxWorld
    {
        private readonly World _world;
        private readonly bool _accepted;

        internal TdxWorld(World world, bool accepted = false)
        {
            (_world, _accepted) = (world, accepted);
            Memory = world.Add(new PhysicalMemory("memory", 16));
            Module = world.Add(new TdxModule("tdx", PhysicalMemory.First, 16));
            Cpu = world.Add(new Cpu("cpu0"));
            Vcpu = new(new(Module, Memory, Tdr, TdxLab.Hkid), Cpu, 0, At(1));
        }

        internal PhysicalMemory Memory { get; }

        internal TdxModule Module { get; }

        internal Cpu Cpu { get; }

        internal TdxVcpu Vcpu { get; }

        internal Pfn Tdr => At(0);

        internal Pfn Page => At(5);

        internal SeptState State() => Module.SeptStateOf(Tdr, TdxLab.Gfn, PageLevel.Level4K)!.Value;

        internal void Start(Func<KernelTask, Path> vcpu, Func<KernelTask, Path> host)
        {
            _world.Spawn("builder", Build);

            async Path Build(KernelTask current)
            {
                for (var i = 0; i < 16; i++) await current.Ask(Memory, new AllocPage(Memory));
                Seamcall[] build =
                [
                    new TdhMngCreate(Tdr, TdxLab.Hkid), new TdhMngKeyConfig(Tdr, 0), new TdhMngAddcx(Tdr, At(2)), new TdhMngInit(Tdr),
                    new TdhVpCreate(Tdr, At(1)), new TdhVpInit(At(1)), new TdhMemSeptAdd(Tdr, TdxLab.Gfn, PageLevel.Level1G, At(3)),
                    new TdhMemSeptAdd(Tdr, TdxLab.Gfn, PageLevel.Level2M, At(4)), new TdhMrFinalize(Tdr),
                    new TdhMemPageAug(Tdr, TdxLab.Gfn, PageLevel.Level4K, Page),
                ];
                foreach (var call in build) Assert.Equal(TdxStatus.Success, await Seamcalls.Call(current, Module, call));
                if (_accepted)
                {
                    await Seamcalls.TdhVpEnter(current, Vcpu);
                    await TdGuest.Accept(current, Vcpu, TdxLab.Gfn);
                    await Seamcalls.Exit(current, Vcpu, rip: 0);
                }

                current.Spawn("vcpu0", vcpu);
                current.Spawn("host", host);
            }
        }

        private static Pfn At(uint page) => new(PhysicalMemory.First.Value + page);
    }
}
