using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

/// <summary>The lock table of the module, row by row: against each lock, held by somebody else in each mode.</summary>
public class TdxLockTableTests
{
    private const string Absent = "";
    private static readonly string[] Columns = ["Tdr", "OpState", "SeptTree", "SeptEntry", "Page", "TdEpoch", "Tdvpr", "Kot"];

    // In the order of the columns: sh, excl or nothing.
    public static TheoryData<string, string[]> Table => new()
    {
        { "MEM.SEPT.ADD", ["sh", "sh", "sh", "excl", "excl", Absent, Absent, Absent] },
        { "MEM.SEPT.REMOVE", ["sh", "sh", "excl", "excl", "excl", Absent, Absent, Absent] },
        { "MEM.PAGE.ADD", ["excl", Absent, Absent, Absent, "excl", Absent, Absent, Absent] },
        { "MEM.PAGE.AUG", ["sh", "sh", "sh", "excl", "excl", Absent, Absent, Absent] },
        { "MEM.PAGE.REMOVE", ["sh", "sh", "sh", "excl", "excl", Absent, Absent, Absent] },
        { "MEM.RANGE.BLOCK", ["sh", "sh", "excl", "excl", Absent, Absent, Absent, Absent] },
        { "MEM.RANGE.UNBLOCK", ["sh", "sh", "excl", "excl", Absent, Absent, Absent, Absent] },
        { "MEM.TRACK", ["sh", "sh", Absent, Absent, Absent, "excl", Absent, Absent] },
        { "VP.ENTER", ["sh", "sh", Absent, Absent, Absent, "sh", "excl", Absent] },
        { "TDG.MEM.PAGE.ACCEPT", [Absent, Absent, Absent, "excl", Absent, Absent, Absent, Absent] },
        { "VP.INIT", ["excl", "sh", Absent, Absent, Absent, Absent, "excl", Absent] },
        { "VP.FLUSH", ["sh", "sh", Absent, Absent, Absent, Absent, "excl", Absent] },
        { "MR.EXTEND", ["excl", Absent, Absent, Absent, Absent, Absent, Absent, Absent] },
        { "MR.FINALIZE", ["excl", Absent, Absent, Absent, Absent, Absent, Absent, Absent] },
        { "MNG.KEY.CONFIG", ["excl", Absent, Absent, Absent, Absent, Absent, Absent, Absent] },
        { "PHYMEM.PAGE.RECLAIM", ["sh", Absent, Absent, Absent, "excl", Absent, Absent, Absent] },
        { "PHYMEM.PAGE.WBINVD", [Absent, Absent, Absent, Absent, "sh", Absent, Absent, Absent] },
        { "PHYMEM.CACHE.WB", [Absent, Absent, Absent, Absent, Absent, Absent, Absent, "sh"] },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_call_takes_the_locks_of_the_table(string call, string[] row)
    {
        var needs = Make(call, TdxLab.Runnable()).Locks.Where(need => need.Lock != TdxLock.SeptTreeIfZeroStep);

        Assert.Equal(
            Columns.Zip(row).Where(cell => cell.Second.Length > 0).Select(cell => $"{cell.First} {cell.Second}").Order(),
            needs.Select(need => $"{need.Lock} {(need.Mode == LockMode.Shared ? "sh" : "excl")}").Order());
    }

    [Fact]
    public void Only_an_entry_under_suspicion_of_zero_step_takes_the_tree()
    {
        var need = Assert.Single(Make("VP.ENTER", TdxLab.Runnable()).Locks, need => need.Lock == TdxLock.SeptTreeIfZeroStep);

        Assert.Equal(LockMode.Exclusive, need.Mode);
    }

    [Fact]
    public void A_call_that_finds_a_lock_taken_names_it_changes_nothing_and_holds_nothing()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        Assert.Equal(TdxStatus.Success, lab.Enter());

        // The vCPU shares the root until it exits, and its own root is its alone.
        Assert.Equal(TdxCode.OperandBusy.With(TdxOperand.Tdr), lab.Call(new TdhMrFinalize(lab.Tdr)));
        Assert.Equal(TdxCode.OperandBusy.With(TdxOperand.Tdr), lab.Call(new TdhVpInit(lab.Vcpus[1].Tdvpr)));
        Assert.Equal(TdxCode.OperandBusy.With(TdxOperand.Tdvpr), lab.Call(new TdhVpFlush(lab.Vcpus[0].Tdvpr, 0)));
        Assert.Equal(TdxCode.OperandBusy.With(TdxOperand.Tdvpr), lab.Call(new TdhVpEnter(lab.Vcpus[0].Tdvpr, 0)));
        Assert.Equal(0, lab.Module.TakenLocks);

        // What it dropped before the guest ran is free: epoch, operation state, tree.
        Assert.Equal(TdxStatus.Success, lab.Call(new TdhMemTrack(lab.Tdr)));
        Assert.Equal(TdxStatus.Success, lab.Call(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small)));

        lab.Exit();
        Assert.Equal(TdxCode.OpStateIncorrect, lab.Call(new TdhMrFinalize(lab.Tdr)).Code);
        Assert.Equal(TdxStatus.Success, lab.Call(new TdhVpFlush(lab.Vcpus[0].Tdvpr, 0)));
    }

    [Theory]
    [InlineData("MEM.TRACK", "VP.ENTER", TdxOperand.TdEpoch)]
    [InlineData("MEM.RANGE.BLOCK", "MEM.PAGE.AUG", TdxOperand.Sept)]
    [InlineData("MEM.PAGE.AUG", "MEM.RANGE.BLOCK", TdxOperand.Sept)]
    [InlineData("MEM.PAGE.REMOVE", "MEM.PAGE.REMOVE", TdxOperand.SeptEntry)]
    [InlineData("VP.INIT", "MEM.RANGE.BLOCK", TdxOperand.Tdr)]
    [InlineData("MEM.RANGE.BLOCK", "VP.INIT", TdxOperand.Tdr)]
    [InlineData("TDG.MEM.PAGE.ACCEPT", "MEM.PAGE.REMOVE", TdxOperand.SeptEntry)]
    [InlineData("PHYMEM.PAGE.WBINVD", "PHYMEM.PAGE.RECLAIM", TdxOperand.Rcx)]
    [InlineData("PHYMEM.CACHE.WB", "MNG.KEY.FREEID", TdxOperand.Kot)]
    [InlineData("MEM.SEPT.REMOVE", "MEM.SEPT.ADD", TdxOperand.Sept)]
    public void A_call_between_its_steps_makes_another_fail(string inTheWay, string call, TdxOperand operand)
    {
        var lab = TdxLab.Runnable();
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, lab.Page()));
        Assert.Equal(TdxStatus.Success, lab.Enter(vcpu: 1));
        if (inTheWay == "VP.INIT" || call == "VP.INIT" || call == "MNG.KEY.FREEID") lab.Exit(vcpu: 1);

        var status = lab.Do(async current =>
        {
            Assert.Equal(TdxStatus.Success, await Seamcalls.TakeLocks(current, lab.Module, Make(inTheWay, lab)));
            TdxStatus other = default;
            var task = current.Spawn("other", Other);
            await current.Join(task);
            await current.Ask(lab.Module, Make(inTheWay, lab));
            return other;

            async Path Other(KernelTask second) => other = await Seamcalls.Call(second, lab.Module, Make(call, lab));
        });

        Assert.Equal(TdxCode.OperandBusy.With(operand), status);
    }

    private static Seamcall Make(string call, TdxLab lab)
    {
        var (tdr, gfn, page) = (lab.Tdr, TdxLab.Gfn, new Pfn(PhysicalMemory.First.Value + 40));
        return call switch
        {
            "MEM.SEPT.ADD" => new TdhMemSeptAdd(tdr, gfn, TdxLab.Large, page),
            "MEM.SEPT.REMOVE" => new TdhMemSeptRemove(tdr, gfn, TdxLab.Large),
            "MEM.PAGE.ADD" => new TdhMemPageAdd(tdr, gfn, page),
            "MEM.PAGE.AUG" => new TdhMemPageAug(tdr, gfn, TdxLab.Small, page),
            "MEM.PAGE.REMOVE" => new TdhMemPageRemove(tdr, gfn, TdxLab.Small),
            "MEM.RANGE.BLOCK" => new TdhMemRangeBlock(tdr, gfn, TdxLab.Small),
            "MEM.RANGE.UNBLOCK" => new TdhMemRangeUnblock(tdr, gfn, TdxLab.Small),
            "MEM.TRACK" => new TdhMemTrack(tdr),
            "VP.ENTER" => new TdhVpEnter(lab.Vcpus[0].Tdvpr, 0),
            "TDG.MEM.PAGE.ACCEPT" => new TdgMemPageAccept(lab.Vcpus[1].Tdvpr, gfn, TdxLab.Small, 1),
            "VP.INIT" => new TdhVpInit(lab.Vcpus[0].Tdvpr),
            "VP.FLUSH" => new TdhVpFlush(lab.Vcpus[0].Tdvpr, 0),
            "MR.EXTEND" => new TdhMrExtend(tdr, gfn),
            "MR.FINALIZE" => new TdhMrFinalize(tdr),
            "MNG.KEY.CONFIG" => new TdhMngKeyConfig(tdr, 0),
            "MNG.KEY.FREEID" => new TdhMngKeyFreeid(tdr),
            "PHYMEM.PAGE.RECLAIM" => new TdhPhymemPageReclaim(page),
            "PHYMEM.PAGE.WBINVD" => new TdhPhymemPageWbinvd(page),
            _ => new TdhPhymemCacheWb(0),
        };
    }
}
