using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class SnpTeardownTests
{
    private static readonly Gfn Gfn = SnpLab.First;

    [Fact]
    public void A_guest_that_goes_leaves_all_its_memory_to_the_host()
    {
        var lab = new SnpLab();
        lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn));
        var (page, vmsa) = (lab.PfnOf(Gfn)!.Value, lab.Vcpu.Vmsa!.Value);

        Assert.Null(Close(lab));

        Assert.True(lab.Vm.IsFreed);
        Assert.Equal([lab.Vm.Asid], lab.Machine.Sev!.FreeAsids);
        Assert.All([page, vmsa], pfn => Assert.Null(lab.Memory.OwnerOf(pfn)));
        Assert.All([page, vmsa], pfn => Assert.False(lab.Rmp.StateOf(pfn).Assigned));
    }

    [Fact]
    public void A_vmsa_that_cannot_be_taken_back_is_lost_and_never_freed()
    {
        var faults = new FaultInjection(GmemActors.Actors.FaultKind.Rmp, Interval: 2);
        var findings = new List<Finding>();
        for (var seed = 0ul; seed < 20; seed++)
        {
            var lab = new SnpLab(seed: seed, faults: faults);
            if (Close(lab) is not { } finding) continue;
            findings.Add(finding);
            Assert.Equal([lab.Vcpu.Vmsa!.Value], lab.Machine.Sev!.Leaked);
            Assert.NotNull(lab.Memory.OwnerOf(lab.Vcpu.Vmsa!.Value));
        }

        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Equal(SnpProperties.NothingLeaked, finding.Cause));
    }

    [Fact]
    public void A_page_of_a_guest_that_is_gone_is_a_finding()
    {
        var lab = new SnpLab();
        lab.Stage.Prepare(lab.Vm, Gfn, lab.Memory.Take(lab.Machine.Sev!));

        Assert.Equal(SnpProperties.AsidsClean, Close(lab)!.Cause);
    }

    // The VM's own descriptor, then the gmem file's: the last reference on the VM goes in the release of the file.
    private static Finding? Close(SnpLab lab)
    {
        var fd = lab.Stage.OpenVm(lab.Vm);
        return lab.Find(CloseBoth);

        async Path CloseBoth(KernelTask current)
        {
            await Open.Close(current, lab.Stage.Files, fd);
            await Open.Close(current, lab.Stage.Files, 0);
        }
    }
}
