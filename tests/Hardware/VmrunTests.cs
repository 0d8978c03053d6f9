using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class VmrunTests
{
    private static readonly VmrunPages Pages = new(RmpLab.At(600), RmpLab.At(3), RmpLab.GuestAt(3), RmpLab.At(601));

    private readonly RmpLab _lab = new();

    public VmrunTests() => _lab.MakeVmsa(3);

    [Fact]
    public void It_runs_with_a_vmcb_and_avic_page_of_the_host_and_a_vmsa_of_the_guest() => Assert.Equal(Fault.None, Run(Pages));

    [Fact]
    public void GP_for_a_vmcb_that_is_not_the_hosts()
    {
        _lab.Assign(600);

        Assert.Equal(FaultKind.GeneralProtection, Run(Pages).Kind);
    }

    [Fact]
    public void VMEXIT_INVALID_for_an_avic_page_that_is_not_the_hosts()
    {
        _lab.Assign(601);

        Assert.Equal(FaultKind.VmexitInvalid, Run(Pages).Kind);
    }

    [Fact]
    public void VMEXIT_INVALID_for_a_vmsa_that_is_uncovered_foreign_elsewhere_immutable_or_no_vmsa()
    {
        _lab.Assign(5, immutable: true);
        _lab.Assign(6);
        _lab.Validate(6);

        Assert.Equal(FaultKind.VmexitInvalid, Run(Pages with { Vmsa = RmpLab.At(4 * 512) }).Kind);
        Assert.Equal(FaultKind.VmexitInvalid, Run(Pages, asid: 6).Kind);
        Assert.Equal(FaultKind.VmexitInvalid, Run(Pages with { VmsaGfn = RmpLab.GuestAt(4) }).Kind);
        Assert.Equal(FaultKind.VmexitInvalid, Run(Pages with { Vmsa = RmpLab.At(5), VmsaGfn = RmpLab.GuestAt(5) }).Kind);
        Assert.Equal(FaultKind.VmexitInvalid, Run(Pages with { Vmsa = RmpLab.At(6), VmsaGfn = RmpLab.GuestAt(6) }).Kind);
    }

    [Fact]
    public void A_refused_vmrun_marks_nothing()
    {
        Run(Pages, asid: 6);

        Assert.Equal(RmpResult.Success, _lab.Assign(600));
        Assert.Equal(RmpResult.Success, _lab.Share(3));
    }

    [Fact]
    public void VMEXIT_BUSY_for_a_vmsa_that_runs_already()
    {
        Run(Pages);

        Assert.Equal(FaultKind.VmexitBusy, Run(Pages with { Vmcb = RmpLab.At(700), Avic = null }).Kind);
    }

    private Fault Run(VmrunPages pages, ushort asid = 5) => _lab.Ask(new Vmrun(new(asid), pages));
}
