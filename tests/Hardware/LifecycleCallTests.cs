using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class LifecycleCallTests
{
    [Fact]
    public void A_trust_domain_goes_through_its_phases_and_its_pages_come_back()
    {
        var lab = new TdxLab(new() { Packages = 2 });
        lab.Succeed(new TdhMngCreate(lab.Tdr, TdxLab.Hkid));
        Assert.Equal(TdLifecycle.HkidAssigned, lab.Module.LifecycleOf(lab.Tdr));
        Assert.Equal(HkidState.Assigned, lab.Module.StateOf(TdxLab.Hkid));

        var tdcx = lab.Page();
        Assert.Equal(TdxCode.TdKeysNotConfigured, lab.Call(new TdhMngAddcx(lab.Tdr, tdcx)).Code);
        Assert.Equal(TdxCode.TdKeysNotConfigured, lab.Call(new TdhMngInit(lab.Tdr)).Code);
        lab.Succeed(new TdhMngKeyConfig(lab.Tdr, 0));
        Assert.Equal(TdxCode.KeyConfigured, lab.Call(new TdhMngKeyConfig(lab.Tdr, 0)).Code);
        Assert.Equal(TdLifecycle.HkidAssigned, lab.Module.LifecycleOf(lab.Tdr));
        lab.Succeed(new TdhMngKeyConfig(lab.Tdr, 1));
        Assert.Equal(TdLifecycle.KeysConfigured, lab.Module.LifecycleOf(lab.Tdr));

        Assert.Equal(TdxCode.TdcsNotAllocated, lab.Call(new TdhMngInit(lab.Tdr)).Code);
        lab.Succeed(new TdhMngAddcx(lab.Tdr, tdcx));
        lab.Succeed(new TdhMngInit(lab.Tdr));
        Assert.Equal(TdxCode.OpStateIncorrect, lab.Call(new TdhMngInit(lab.Tdr)).Code);

        lab.Succeed(new TdhMngVpflushdone(lab.Tdr));
        Assert.Equal(TdLifecycle.Blocked, lab.Module.LifecycleOf(lab.Tdr));
        Assert.Equal(HkidState.Flushed, lab.Module.StateOf(TdxLab.Hkid));
        Assert.Equal(TdxCode.LifecycleStateIncorrect, lab.Call(new TdhMngVpflushdone(lab.Tdr)).Code);
        Assert.Equal(TdxCode.WbcacheNotComplete, lab.Call(new TdhMngKeyFreeid(lab.Tdr)).Code);
        lab.Succeed(new TdhPhymemCacheWb(0));
        Assert.Equal(TdxCode.NoHkidReadyToWbcache, lab.Call(new TdhPhymemCacheWb(0)).Code);
        Assert.Equal(TdxCode.WbcacheNotComplete, lab.Call(new TdhMngKeyFreeid(lab.Tdr)).Code);
        Assert.Equal(TdxCode.LifecycleStateIncorrect, lab.Call(new TdhPhymemPageReclaim(tdcx)).Code);
        lab.Succeed(new TdhPhymemCacheWb(1));
        lab.Succeed(new TdhMngKeyFreeid(lab.Tdr));

        Assert.Equal(TdLifecycle.Teardown, lab.Module.LifecycleOf(lab.Tdr));
        Assert.Equal(HkidState.Free, lab.Module.StateOf(TdxLab.Hkid));
        Assert.Equal(TdxCode.TdAssociatedPagesExist, lab.Call(new TdhPhymemPageReclaim(lab.Tdr)).Code);
        lab.Succeed(new TdhPhymemPageReclaim(tdcx));
        lab.Succeed(new TdhPhymemPageReclaim(lab.Tdr));
        Assert.Equal(PamtPageType.Nda, lab.Module.TypeOf(lab.Tdr));
        Assert.Null(lab.Module.LifecycleOf(lab.Tdr));
        Assert.Equal(0, lab.Module.TakenLocks);
    }

    [Fact]
    public void Every_page_comes_back_from_a_trust_domain_that_is_torn_down_the_root_last()
    {
        var lab = TdxLab.TornDown();
        var pages = Enumerable.Range(0, 64).Select(i => new Pfn(PhysicalMemory.First.Value + (uint)i)).ToList();

        foreach (var page in pages.Where(page => page != lab.Tdr && lab.Module.TypeOf(page) != PamtPageType.Nda))
        {
            Assert.Equal(TdxCode.TdAssociatedPagesExist, lab.Call(new TdhPhymemPageReclaim(lab.Tdr)).Code);
            lab.Succeed(new TdhPhymemPageReclaim(page));
        }

        lab.Succeed(new TdhPhymemPageReclaim(lab.Tdr));
        Assert.All(pages, page => Assert.Equal(PamtPageType.Nda, lab.Module.TypeOf(page)));
    }

    [Fact]
    public void An_HKID_serves_one_trust_domain_at_a_time()
    {
        var lab = TdxLab.Initialized();
        var other = lab.Page();

        Assert.Equal(TdxCode.HkidNotFree, lab.Call(new TdhMngCreate(other, TdxLab.Hkid)).Code);
        Assert.Equal(TdxCode.PageMetadataIncorrect, lab.Call(new TdhMngCreate(lab.Tdr, new(10))).Code);
        Assert.Equal(PamtPageType.Nda, lab.Module.TypeOf(other));
    }

    [Fact]
    public void A_vcpu_that_ran_must_be_flushed_where_it_ran_before_the_key_can_go()
    {
        var lab = TdxLab.Runnable();
        var vcpu = lab.Vcpus[0].Tdvpr;
        Assert.Equal(TdxCode.VcpuNotAssociated, lab.Call(new TdhVpFlush(vcpu, 0)).Code);
        lab.Enter();
        lab.Exit();

        Assert.Equal(TdxCode.FlushvpNotDone, lab.Call(new TdhMngVpflushdone(lab.Tdr)).Code);
        Assert.Equal(TdxCode.VcpuNotAssociated, lab.Call(new TdhVpFlush(vcpu, 1)).Code);
        Assert.Equal(TdxCode.VcpuAssociated, lab.Call(new TdhVpEnter(vcpu, 1)).Code);
        lab.Succeed(new TdhVpFlush(vcpu, 0));

        lab.Succeed(new TdhMngVpflushdone(lab.Tdr));
        Assert.Equal(TdxCode.LifecycleStateIncorrect, lab.Enter().Code);
        Assert.Equal(TdxCode.LifecycleStateIncorrect, lab.Call(new TdhMemTrack(lab.Tdr)).Code);
    }

    [Fact]
    public void A_vcpu_enters_once_it_is_initialized_and_the_trust_domain_finalized()
    {
        var lab = TdxLab.Initialized();
        var third = lab.Page();
        lab.Succeed(new TdhVpCreate(lab.Tdr, third));
        Assert.Equal(TdxCode.PageMetadataIncorrect, lab.Call(new TdhVpCreate(lab.Tdr, third)).Code);
        Assert.Equal(TdxCode.OpStateIncorrect, lab.Enter().Code);

        lab.Succeed(new TdhMrFinalize(lab.Tdr));

        Assert.Equal(TdxCode.OpStateIncorrect, lab.Call(new TdhMrFinalize(lab.Tdr)).Code);
        Assert.Equal(TdxCode.OpStateIncorrect, lab.Call(new TdhVpCreate(lab.Tdr, lab.Page())).Code);
        Assert.Equal(TdxCode.VcpuStateIncorrect, lab.Call(new TdhVpEnter(third, 0)).Code);
        Assert.Equal(TdxCode.VcpuStateIncorrect, lab.Call(new TdhVpInit(lab.Vcpus[0].Tdvpr)).Code);
        Assert.Equal(TdxStatus.Success, lab.Enter());
        Assert.Equal(0, lab.Module.TakenLocks);
    }

    [Fact]
    public void Only_a_page_of_the_hosts_is_written_back_and_only_one_of_a_trust_domain_reclaimed()
    {
        var lab = TdxLab.TornDown();

        Assert.Equal(TdxCode.PageMetadataIncorrect, lab.Call(new TdhPhymemPageWbinvd(lab.Tdr)).Code);
        Assert.Equal(TdxCode.PageMetadataIncorrect, lab.Call(new TdhPhymemPageReclaim(lab.Page())).Code);
        Assert.Equal(TdxCode.OperandInvalid, lab.Call(new TdhPhymemPageReclaim(new(1))).Code);
    }
}
