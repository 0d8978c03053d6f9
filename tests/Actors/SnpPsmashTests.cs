using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;

namespace GmemActors.Tests.Actors;

public class SnpPsmashTests
{
    [Fact]
    public void A_hole_in_a_2m_entry_breaks_it_up_and_takes_its_own_page_back()
    {
        var lab = new SnpLargeLab(MachineOptions.Default);

        var errno = lab.Call(current => Open.VfsFallocate(current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, Lab.Page, Lab.Page));

        Assert.Equal(Errno.None, errno);
        Assert.True(lab.Rmp.StateOf(lab.Pfn).Assigned);
        Assert.False(lab.Rmp.StateOf(new(lab.Pfn.Value + 1)).Assigned);
        Assert.Null(lab.Rmp.Inconsistency());
    }

    // sev_gmem_invalidate() looks at the level, then breaks the entry up: a vCPU's fault may have done that in between.
    [Fact]
    public void Fixme_a_hole_warns_or_frees_an_assigned_page_if_a_fault_breaks_the_entry_up_meanwhile()
    {
        var findings = Enumerable.Range(0, 1000).Select(seed => Race((ulong)seed)).OfType<Finding>().ToList();

        Assert.Contains(findings, finding => finding.Cause == "sev_gmem_invalidate: PSMASH failed");

        // Or it finds the entry locked: rmpupdate() tries again for an overlap alone, and the page is freed as it is.
        Assert.Contains(findings, finding => finding.Cause == SnpProperties.ResetSucceeds);
    }

    private static Finding? Race(ulong seed)
    {
        var lab = new SnpLargeLab(MachineOptions.Default, seed: seed);
        lab.World.Spawn("vcpu0", async current => await KvmMain.KvmVcpuIoctlRun(current, lab.Vcpu, new([SnpLargeLab.First])));
        lab.World.Spawn("punch", Punch);
        return lab.World.Run();

        // Late enough for the vCPU to be in its fault.
        async Path Punch(KernelTask current)
        {
            for (var i = 0; i < 4; i++) await Stage.Fallocate(current, lab.File, FallocMode.KeepSize, PageRange.Of(0, 4));
            await Stage.Fallocate(current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, PageRange.Of(1, 1));
        }
    }
}
