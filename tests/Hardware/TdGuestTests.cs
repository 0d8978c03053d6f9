using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class TdGuestTests
{
    [Theory]
    [InlineData(true, FaultKind.VirtualizationException)]
    [InlineData(false, FaultKind.PendingEptViolation)]
    public void A_touch_of_a_page_that_is_not_accepted_is_VE_or_an_exit_as_the_machine_has_it(bool pendingVe, FaultKind expected)
    {
        var lab = TdxLab.Runnable(new() { PendingVe = pendingVe });
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, lab.Page()));
        lab.Enter();

        Assert.Equal(expected, lab.Touch(AccessKind.Read).Fault.Kind);
    }

    [Fact]
    public void A_touch_of_nothing_or_of_a_blocked_page_is_an_EPT_violation()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted(page: 1);
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn + 1, TdxLab.Small));
        lab.Enter();

        Assert.Equal(FaultKind.EptViolation, lab.Touch(AccessKind.Read).Fault.Kind);
        Assert.Equal(FaultKind.EptViolation, lab.Touch(AccessKind.Read, page: 1).Fault.Kind);
        Assert.Equal(FaultKind.EptViolation, lab.Touch(AccessKind.Read, page: 5000).Fault.Kind);
    }

    [Fact]
    public void An_accepted_page_is_zero_then_holds_what_the_guest_wrote_whatever_the_host_had_there()
    {
        var lab = TdxLab.Runnable();
        var page = lab.Page();
        lab.Ask(lab.Memory, new WritePage(page));
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, page));
        lab.Enter();

        Assert.Equal(TdxStatus.Success, lab.Accept());

        Assert.Equal(ContentKind.Zero, lab.Touch(AccessKind.Read).Content.Kind);
        Assert.Equal(Fault.None, lab.Touch(AccessKind.Write).Fault);
        Assert.Equal(new(ContentKind.Data, TdxLab.Hkid.Key, false), lab.Touch(AccessKind.Read).Content);
        Assert.Equal(ContentKind.Ciphertext, lab.Memory.ContentOf(page, KeyId.Shared).Kind);
    }

    [Fact]
    public void Accepting_twice_is_no_error_and_zeroes_nothing()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        lab.Enter();
        lab.Touch(AccessKind.Write);

        var again = lab.Accept();

        Assert.Equal(TdxCode.PageAlreadyAccepted, again.Code);
        Assert.Equal(0u, (uint)again.Operand);
        Assert.Equal(ContentKind.Data, lab.Touch(AccessKind.Read).Content.Kind);
    }

    [Fact]
    public void Accepting_nothing_or_a_blocked_page_exits_to_the_host()
    {
        var lab = TdxLab.Runnable();
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn + 1, TdxLab.Small, lab.Page()));
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn + 1, TdxLab.Small));
        lab.Enter();

        Assert.Equal(TdxStatus.EptViolationExit, lab.Accept());
        Assert.Equal(TdxStatus.EptViolationExit, lab.Accept(page: 1));
        Assert.Equal(TdxStatus.EptViolationExit, lab.Accept(page: 5000));
        Assert.Equal(0, lab.Module.TakenLocks);
    }

    [Fact]
    public void Accepting_2M_where_a_page_table_is_answers_PAGE_SIZE_MISMATCH()
    {
        var lab = TdxLab.Runnable();
        lab.Enter();

        var status = lab.Accept(level: TdxLab.Large);

        Assert.Equal(TdxCode.PageSizeMismatch, status.Code);
        Assert.Equal(1u, (uint)status.Operand);
    }

    [Fact]
    public void Accepting_4K_of_a_2M_page_exits_while_it_is_pending_and_reports_its_level_once_it_is_accepted()
    {
        var (lab, accept) = LargePage(frames: 512);
        Assert.Equal(TdxStatus.EptViolationExit, accept(TdxLab.Small));

        Assert.Equal(TdxStatus.Success, accept(TdxLab.Large));

        var status = accept(TdxLab.Small);
        Assert.Equal(TdxCode.PageAlreadyAccepted, status.Code);
        Assert.Equal(1u, (uint)status.Operand);
        Assert.Equal(0, lab.TakenLocks);
    }

    [Fact]
    public void An_interrupted_2M_accept_goes_on_where_it_was()
    {
        var (module, accept) = LargePage(frames: 512, interrupt: true);

        Assert.Equal(TdxCode.InterruptedResumable, accept(TdxLab.Large).Code);
        Assert.Equal(TdxCode.InterruptedResumable, accept(TdxLab.Large).Code);
        Assert.Equal(0, module.TakenLocks);
        for (var i = 0; i < 509; i++) Assert.Equal(TdxCode.InterruptedResumable, accept(TdxLab.Large).Code);

        Assert.Equal(TdxStatus.Success, accept(TdxLab.Large));
    }

    [Fact]
    public void A_page_that_the_host_takes_back_unfilled_poisons_on_machines_with_the_erratum()
    {
        Assert.NotNull(TakeBackAndWrite(erratum: true, fill: false));
        Assert.Null(TakeBackAndWrite(erratum: true, fill: true));
        Assert.Null(TakeBackAndWrite(erratum: false, fill: false));

        static string? TakeBackAndWrite(bool erratum, bool fill)
        {
            var lab = TdxLab.Runnable(new() { TdxPartialWriteErratum = erratum });
            var page = lab.Accepted();
            lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));
            lab.Succeed(new TdhMemTrack(lab.Tdr));
            lab.Succeed(new TdhMemPageRemove(lab.Tdr, TdxLab.Gfn, TdxLab.Small));
            if (fill) lab.Ask(lab.Memory, new ClearPage(page));
            lab.Ask(lab.Memory, new WritePartOfLine(page));
            lab.Ask(lab.Memory, new ReadPage(page));
            return lab.Memory.MachineCheck;
        }
    }

    [Fact]
    public void A_vcpu_that_is_outside_neither_exits_nor_accepts()
    {
        var lab = TdxLab.Runnable();
        lab.Enter();
        lab.Exit();

        Assert.Throws<InternalErrorException>(() => lab.Ask(lab.Module, new TdExit(lab.Vcpus[0].Tdvpr, 1, null)));
        Assert.Throws<InternalErrorException>(() => lab.Accept());
    }

    [Fact]
    public void A_guest_that_consumes_poison_takes_a_machine_check()
    {
        var lab = TdxLab.Runnable(new() { TdxPartialWriteErratum = true });
        var page = lab.Accepted();
        lab.Ask(lab.Memory, new WritePartOfLine(page));
        lab.Enter();

        Assert.Equal(FaultKind.MachineCheck, lab.Touch(AccessKind.Read).Fault.Kind);
    }

    [Fact]
    public void The_TLB_survives_an_exit_until_the_epoch_changes()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        lab.Enter();
        lab.Touch(AccessKind.Read);
        lab.Exit();
        lab.Enter();
        Assert.Equal(1, lab.Cpus[0].TlbCount);
        lab.Exit();

        lab.Succeed(new TdhMemTrack(lab.Tdr));
        lab.Enter();

        Assert.Equal(0, lab.Cpus[0].TlbCount);
    }

    [Fact]
    public void A_vcpu_that_stays_inside_reads_through_its_TLB_what_is_blocked_and_a_new_epoch_does_not_change_that()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        lab.Enter();
        lab.Touch(AccessKind.Read);

        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));
        lab.Succeed(new TdhMemTrack(lab.Tdr));

        Assert.Equal(Fault.None, lab.Touch(AccessKind.Read).Fault);
        lab.Exit();
        lab.Enter();
        Assert.Equal(FaultKind.EptViolation, lab.Touch(AccessKind.Read).Fault.Kind);
    }

    // A trust domain over 2M of memory and more, with one pending 2M page.
    private static (TdxModule Module, Func<PageLevel, TdxStatus> Accept) LargePage(int frames, bool interrupt = false)
    {
        var memory = new PhysicalMemory("memory", frames + 512);
        var module = new TdxModule("tdx", PhysicalMemory.First, frames + 512);
        var cpu = new Cpu("cpu0");
        var lab = new Lab(memory, module, cpu);
        Pfn At(uint page) => new(PhysicalMemory.First.Value + page);
        var vcpu = new TdxVcpu(new(module, memory, At(0), TdxLab.Hkid), cpu, 0, At(1));
        Seamcall[] build =
        [
            new TdhMngCreate(At(0), TdxLab.Hkid), new TdhMngKeyConfig(At(0), 0), new TdhMngAddcx(At(0), At(2)), new TdhMngInit(At(0)),
            new TdhVpCreate(At(0), At(1)), new TdhVpInit(At(1)), new TdhMemSeptAdd(At(0), TdxLab.Gfn, PageLevel.Level1G, At(3)),
            new TdhMrFinalize(At(0)), new TdhMemPageAug(At(0), TdxLab.Gfn, TdxLab.Large, At(512)),
        ];
        foreach (var call in build) Assert.Equal(TdxStatus.Success, lab.Do(current => Seamcalls.Call(current, module, call)));
        Assert.Equal(TdxStatus.Success, lab.Do(current => Seamcalls.TdhVpEnter(current, vcpu)));
        if (interrupt) Assert.True(lab.Ask(cpu, new SendIpi()));
        return (module, level => lab.Do(current => TdGuest.Accept(current, vcpu, TdxLab.Gfn, level)));
    }
}
