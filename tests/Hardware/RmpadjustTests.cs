using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class RmpadjustTests
{
    private readonly RmpLab _lab = new();

    public RmpadjustTests()
    {
        _lab.Assign(3);
        _lab.Validate(3);
    }

    [Fact]
    public void It_sets_the_permissions_of_the_target_alone()
    {
        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Adjust(3, Vmpl.L2, VmplPermissions.Read | VmplPermissions.Write));

        Assert.Equal(Fault.None, _lab.Touch(3, AccessKind.Write, vmpl: Vmpl.L2));
        Assert.Equal(FaultKind.NestedPageFault, _lab.Touch(3, vmpl: Vmpl.L1).Kind);
    }

    [Theory]
    [InlineData(Vmpl.L0, Vmpl.L0)]
    [InlineData(Vmpl.L2, Vmpl.L1)]
    [InlineData(Vmpl.L2, Vmpl.L2)]
    public void Vector_91_FAIL_PERMISSION_for_a_vmpl_that_is_lower_or_equal(Vmpl by, Vmpl target) =>
        Assert.Equal(new RmpOutcome(RmpResult.FailPermission), _lab.Adjust(3, target, VmplPermissions.None, by: by));

    [Fact]
    public void FAIL_PERMISSION_for_more_than_the_current_vmpl_has()
    {
        _lab.Adjust(3, Vmpl.L1, VmplPermissions.Read);

        Assert.Equal(new RmpOutcome(RmpResult.FailPermission), _lab.Adjust(3, Vmpl.L2, VmplPermissions.Write, by: Vmpl.L1));
        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Adjust(3, Vmpl.L2, VmplPermissions.Read, by: Vmpl.L1));
    }

    [Fact]
    public void Write_without_read_can_be_set_and_faults_at_every_data_access()
    {
        _lab.Adjust(3, Vmpl.L1, VmplPermissions.Write);

        Assert.True(_lab.Touch(3, AccessKind.Read, vmpl: Vmpl.L1).Error.HasFlag(PageFaultError.Vmpl));
        Assert.True(_lab.Touch(3, AccessKind.Write, vmpl: Vmpl.L1).Error.HasFlag(PageFaultError.Vmpl));
    }

    [Fact]
    public void FAIL_INPUT_for_a_bad_size() =>
        Assert.Equal(new RmpOutcome(RmpResult.FailInput), _lab.Adjust(3, Vmpl.L1, VmplPermissions.None, level: PageLevel.Level2M));

    [Fact]
    public void FAIL_SIZEMISMATCH_for_2M_of_a_4K_entry()
    {
        _lab.Assign(512);

        var outcome = _lab.Adjust(512, Vmpl.L1, VmplPermissions.None, level: PageLevel.Level2M);

        Assert.Equal(new RmpOutcome(RmpResult.FailSizemismatch), outcome);
    }

    [Fact]
    public void NPF_with_SIZEM_for_4K_of_a_2M_entry()
    {
        _lab.Assign(512, PageLevel.Level2M);
        _lab.Validate(512, level: PageLevel.Level2M);

        Assert.True(_lab.Adjust(513, Vmpl.L1, VmplPermissions.None).Fault.Error.HasFlag(PageFaultError.Sizem));
    }

    [Fact]
    public void VC_for_a_page_that_is_not_validated()
    {
        _lab.Assign(4);

        Assert.Equal(new RmpOutcome(new Fault(FaultKind.PageNotValidated)), _lab.Adjust(4, Vmpl.L1, VmplPermissions.None));
    }

    [Fact]
    public void VMPL0_makes_a_vmsa_and_takes_that_back()
    {
        _lab.Adjust(3, Vmpl.L1, VmplPermissions.None, vmsa: true);
        Assert.True(_lab.Rmp.StateOf(RmpLab.At(3)).Vmsa);

        _lab.Adjust(3, Vmpl.L1, VmplPermissions.None, vmsa: false);
        Assert.False(_lab.Rmp.StateOf(RmpLab.At(3)).Vmsa);
    }

    [Fact]
    public void Another_vmpl_makes_no_vmsa()
    {
        _lab.Adjust(3, Vmpl.L1, VmplPermissions.Read);

        _lab.Adjust(3, Vmpl.L2, VmplPermissions.Read, vmsa: true, by: Vmpl.L1);

        Assert.False(_lab.Rmp.StateOf(RmpLab.At(3)).Vmsa);
    }

    [Fact]
    public void FAIL_INUSE_for_a_vmsa_whose_vcpu_runs()
    {
        _lab.MakeVmsa(5);
        var pages = new VmrunPages(RmpLab.At(600), RmpLab.At(5), RmpLab.GuestAt(5));
        _lab.Ask(new Vmrun(RmpLab.Guest, pages));

        Assert.Equal(new RmpOutcome(RmpResult.FailInuse), _lab.Adjust(5, Vmpl.L1, VmplPermissions.None));

        _lab.Ask(new Vmexit(pages));
        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Adjust(5, Vmpl.L1, VmplPermissions.None));
    }

    [Fact]
    public void Rmpquery_gives_mask_vmsa_and_size()
    {
        _lab.Adjust(3, Vmpl.L1, VmplPermissions.Read, vmsa: true);

        var reply = _lab.Ask(new Rmpquery(RmpLab.At(3), RmpLab.GuestAt(3), RmpLab.Vmpl0, Vmpl.L1));

        Assert.Equal(new(new(RmpResult.Success), VmplPermissions.Read, true, PageLevel.Level4K), reply);
    }

    [Fact]
    public void Rmpquery_of_a_more_privileged_vmpl_answers_FAIL_PERMISSION()
    {
        var query = new Rmpquery(RmpLab.At(3), RmpLab.GuestAt(3), new(RmpLab.Guest, Vmpl.L2), Vmpl.L1);

        Assert.Equal(RmpResult.FailPermission, _lab.Ask(query).Outcome.Code);
    }
}
