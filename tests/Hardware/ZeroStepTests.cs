using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class ZeroStepTests
{
    private readonly TdxLab _lab = TdxLab.Runnable();

    [Fact]
    public void A_vcpu_whose_violation_was_ignored_six_times_no_longer_runs_until_the_page_is_there()
    {
        Violate(7);

        Assert.Equal(TdxStatus.EptViolationExit, _lab.Enter());
        Assert.Equal(0, _lab.Module.TakenLocks);
        Assert.False(_lab.Cpus[0].InGuestMode);

        _lab.Succeed(new TdhMemPageAug(_lab.Tdr, TdxLab.Gfn, TdxLab.Small, _lab.Page()));
        Assert.Equal(TdxStatus.Success, _lab.Enter());
    }

    [Fact]
    public void Six_violations_are_not_enough()
    {
        Violate(6);

        Assert.Equal(TdxStatus.Success, _lab.Enter());
    }

    [Fact]
    public void One_instruction_that_needs_more_pages_than_that_is_suspected_too()
    {
        for (var page = 0u; page < 7; page++)
        {
            Assert.Equal(TdxStatus.Success, _lab.Enter());
            _lab.Exit(rip: 1, violation: TdxLab.Gfn + page);
        }

        Assert.Equal(TdxStatus.EptViolationExit, _lab.Enter());
    }

    [Fact]
    public void Progress_ends_the_count()
    {
        Violate(6);
        _lab.Enter();
        _lab.Exit(rip: 2);
        Violate(6);

        Assert.Equal(TdxStatus.Success, _lab.Enter());
    }

    [Fact]
    public void An_exit_for_something_else_at_the_same_instruction_does_not()
    {
        Violate(6);
        _lab.Enter();
        _lab.Exit(rip: 1);
        Violate(1);

        Assert.Equal(TdxStatus.EptViolationExit, _lab.Enter());
    }

    [Fact]
    public void Under_suspicion_the_entry_needs_the_tree_and_may_find_it_busy()
    {
        Violate(7);

        var status = _lab.Do(async current =>
        {
            var aug = new TdhMemPageAug(_lab.Tdr, TdxLab.Gfn, TdxLab.Small, _lab.Page());
            await Seamcalls.TakeLocks(current, _lab.Module, aug);
            TdxStatus entered = default;
            await current.Join(current.Spawn("vcpu0", async vcpu => entered = await Seamcalls.TdhVpEnter(vcpu, _lab.Vcpus[0])));
            await current.Ask(_lab.Module, aug);
            return entered;
        });

        Assert.Equal(TdxCode.OperandBusy.With(TdxOperand.Sept), status);
        Assert.Equal(TdxStatus.Success, _lab.Enter());
    }

    // So many EPT violations in a row, all at one instruction and on one frame.
    private void Violate(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(TdxStatus.Success, _lab.Enter());
            _lab.Exit(rip: 1, violation: TdxLab.Gfn);
        }
    }
}
