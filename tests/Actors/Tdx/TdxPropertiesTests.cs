using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors.Tdx;

public class TdxPropertiesTests
{
    private static readonly MachineOptions Erratum = new() { TdxPartialWriteErratum = true };

    [Fact]
    public void A_page_of_a_trust_domain_must_not_be_freed()
    {
        Assert.Equal(TdxProperties.FreeIsHosts, Break(async (current, lab, pfn) => await current.Ask(lab.Memory, new FreePage(pfn))));
    }

    [Fact]
    public void What_the_module_lets_go_must_be_gone_from_the_mirror()
    {
        var cause = Break(
            async (current, lab, _) =>
                await Seamcalls.Call(current, lab.Module, new TdhMemPageRemove(lab.Vm.Td!.Tdr, TdLab.Low, PageLevel.Level4K)),
            isFinalized: false);

        Assert.Equal(TdxProperties.MirrorAgrees, cause);
    }

    [Fact]
    public void A_page_must_stay_in_the_page_cache_while_the_trust_domain_has_it()
    {
        Assert.Equal(TdxProperties.MapsCached, Break(Remove));

        static async Path Remove(KernelTask current, TdLab lab, Pfn pfn)
        {
            await current.Ask(lab.Inode, new FolioLock(pfn));
            await current.Ask(lab.Inode, new FilemapRemoveFolio(pfn));
            await current.Ask(lab.Inode, new FolioUnlock(pfn));
        }
    }

    [Fact]
    public void A_conversion_must_take_the_private_page()
    {
        Assert.Equal(TdxProperties.MapsPrivate, Break(Store));

        static async Path Store(KernelTask current, TdLab lab, Pfn pfn)
        {
            await current.Ask(lab.Vm, SlotsLock.Now);
            await current.Ask(lab.Vm, new StoreMemoryAttributes(TdLab.Low, KvmMemoryAttributes.None));
            await current.Ask(lab.Vm, SlotsUnlock.Now);
        }
    }

    [Fact]
    public void A_page_that_was_accepted_must_not_be_written_by_the_host()
    {
        Assert.Equal(TdxProperties.WrittenByGuest, Break(async (current, lab, pfn) => await current.Ask(lab.Memory, new ClearPage(pfn))));
    }

    [Fact]
    public void A_page_that_is_pending_may_be_cleared_by_the_host()
    {
        var lab = TdLab.Runnable();
        lab.Stage.AddPendingPage(lab.Vm, lab.Inode, new(0), TdLab.Low);
        lab.Watched();

        lab.Call(current => Ask(current, lab.Memory, new ClearPage(lab.Vm.Mirror!.Leaves[0].Pfn)));
    }

    [Fact]
    public void Poison_must_not_be_read()
    {
        Assert.Equal(TdxProperties.NoMachineCheck, Break(Poison, isFinalized: false));

        static async Path Poison(KernelTask current, TdLab lab, Pfn pfn)
        {
            await current.Ask(lab.Memory, new WritePartOfLine(pfn));
            await current.Ask(lab.Memory, new ReadPage(pfn, lab.Vm.Td!.Hkid.Key));
        }
    }

    [Fact]
    public void Without_the_erratum_a_partial_write_is_garbage_and_no_machine_check()
    {
        var cause = Break(Read, isFinalized: false, options: MachineOptions.Default);

        Assert.Equal(TdxProperties.ReadsOwn, cause);

        static async Path Read(KernelTask current, TdLab lab, Pfn pfn)
        {
            await current.Ask(lab.Memory, new WritePartOfLine(pfn));
            await current.Ask(lab.Memory, new ReadPage(pfn, lab.Vm.Td!.Hkid.Key));
        }
    }

    [Fact]
    public void A_page_that_was_taken_back_is_filled_before_the_host_uses_it()
    {
        var lab = TdLab.Runnable(options: Erratum);
        lab.AddPages();
        lab.Watched();
        var pfn = lab.Vm.Mirror!.Leaves[0].Pfn;

        Assert.Equal(Errno.None, lab.Punch(0));
        lab.Call(current => Ask(current, lab.Memory, new AllocPage(lab.Memory)));
        lab.Call(current => Ask(current, lab.Memory, new WritePartOfLine(pfn)));
        lab.Call(current => Ask(current, lab.Memory, new ReadPage(pfn)));
    }

    [Fact]
    public void The_host_reads_no_private_memory()
    {
        Assert.Equal(TdxProperties.ReadsOwn, Break(async (current, lab, pfn) => await current.Ask(lab.Memory, new ReadPage(pfn))));
    }

    [Fact]
    public void A_bug_of_KVM_is_a_finding()
    {
        Assert.Equal(TdxProperties.NeverBugged, Break(async (current, lab, _) => await KvmHost.KvmBugOn(current, lab.Vm, true, "a test")));
    }

    [Fact]
    public void What_is_given_up_is_a_finding()
    {
        Assert.Equal(TdxProperties.NothingLeaks, Break(async (current, lab, pfn) => await current.Ask(lab.Vm, new TdxLeakPage(pfn))));
    }

    [Fact]
    public void What_is_lost_without_a_word_is_a_finding()
    {
        Assert.Equal(TdxProperties.AllReclaimed, Break(async (current, lab, _) => await current.Ask(lab.Vm, new WriteTdr(null))));
    }

    [Fact]
    public void A_trust_domain_that_loses_a_page_it_accepted_dies()
    {
        var lab = TdLab.Runnable();
        lab.AddPages();
        lab.Stage.KeepsPages(lab.Vm);
        var vcpu = lab.NewVcpu();
        lab.Watched();
        Assert.Equal(Errno.None, lab.Run(vcpu, Access.Private(TdLab.Low)));
        Assert.Equal(Errno.None, lab.Punch(0));

        var finding = lab.Find(current => GmemActors.Scenarios.Stage.RunVcpu(current, vcpu, [Access.Private(TdLab.Low)]));

        Assert.Equal(TdxProperties.KeepsPages, finding!.Cause);
    }

    [Fact]
    public void Pages_that_come_and_go_break_nothing()
    {
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = TdLab.Runnable(seed: seed, options: Erratum);
            lab.AddPages();
            var vcpu = lab.NewVcpu();
            lab.Watched();
            lab.Spawn("vcpu0", async current => await GmemActors.Scenarios.Stage.RunVcpu(current, vcpu, [new AcceptPage(TdLab.Low), new AcceptPage(TdLab.High)]));
            lab.Spawn("punch", async current => await Open.VfsFallocate(
                current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, 0, 2 * Pages.Size));
            lab.Spawn("convert", async current =>
            {
                await KvmMain.KvmVmIoctlSetMemAttributes(current, lab.Vm, MemoryAttributesRequest.Convert(new(TdLab.High, TdLab.High + 1), false));
                await KvmMain.KvmVmIoctlSetMemAttributes(current, lab.Vm, MemoryAttributesRequest.Convert(new(TdLab.High, TdLab.High + 1), true));
            });

            Assert.Null(lab.World.Run());
        }
    }

    private static string Break(Func<KernelTask, TdLab, Pfn, Path> path, bool isFinalized = true, MachineOptions? options = null)
    {
        var lab = isFinalized ? TdLab.Runnable(options: options ?? Erratum) : TdLab.Initialized(options: options ?? Erratum);
        lab.AddPages();
        lab.Watched();
        var pfn = lab.Vm.Mirror!.Leaves[0].Pfn;
        lab.Spawn("call", current => path(current, lab, pfn));
        return lab.World.Run()!.Cause;
    }

    private static async Path<T> Ask<T>(KernelTask current, Actor actor, Message<T> message) => await current.Ask(actor, message);
}
