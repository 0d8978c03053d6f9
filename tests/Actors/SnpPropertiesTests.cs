using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class SnpPropertiesTests
{
    private static readonly Gfn Gfn = SnpLab.First;
    private static readonly FaultInjection EveryOtherRmp = new(GmemActors.Actors.FaultKind.Rmp, Interval: 2);

    [Fact]
    public void A_guest_that_uses_gives_back_and_uses_again_breaks_nothing()
    {
        var lab = new SnpLab();
        GuestOp[] use = [new GuestPvalidate(Gfn), Access.Private(Gfn)];

        var first = lab.RunConverting(use);
        lab.Punch(0);
        var second = lab.RunConverting(use);

        Assert.Equal(ContentKind.Zero, first.Content.Kind);
        Assert.Equal(ContentKind.Zero, second.Content.Kind);
        Assert.Equal(0, lab.Machine.Sev!.KmapCount);
        Assert.Empty(lab.Machine.Sev.Leaked);
    }

    [Fact]
    public void A_guest_reads_what_it_wrote()
    {
        var lab = new SnpLab();

        var read = lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn), new Access(Gfn, IsPrivate: true, AccessKind.Read));

        Assert.Equal(new Content(ContentKind.Data, lab.Vm.Asid.Key, IsStale: false), read.Content);
    }

    [Fact]
    public void A_page_that_cannot_be_taken_back_goes_to_the_allocator_as_if_nothing_were_wrong()
    {
        var findings = Enumerable.Range(0, 50).Select(seed => Punched((ulong)seed)).OfType<Finding>().ToList();

        Assert.Contains(findings, finding => finding.Cause == SnpProperties.ResetSucceeds);
        Assert.DoesNotContain(findings, finding => finding.Cause == SnpProperties.FreedIsHosts);
    }

    [Fact]
    public void A_page_that_nobody_has_cannot_be_a_guests()
    {
        var lab = new SnpLab();
        var free = lab.Memory.Next!.Value;

        var finding = lab.Find(current => Assign(current, lab, free));

        Assert.Equal(SnpProperties.AssignsOwned, finding!.Cause);
    }

    [Fact]
    public void A_page_that_is_assigned_at_another_address_must_not_be_mapped()
    {
        var lab = new SnpLab();
        var pfn = lab.Inode.Allocate(new(0));
        lab.Stage.Prepare(lab.Vm, Gfn + 1, pfn);

        var finding = lab.Find(current => Run(current, lab, Access.Private(Gfn)));

        Assert.Equal(SnpProperties.MapsAssigned, finding!.Cause);
    }

    [Fact]
    public void What_somebody_else_wrote_into_a_guests_page_is_seen_when_the_guest_reads_it()
    {
        var lab = new SnpLab();
        lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn));
        lab.Call<Done>(Overwrite);

        var finding = lab.Find(current => Run(current, lab, new Access(Gfn, IsPrivate: true, AccessKind.Read)));

        Assert.Equal(SnpProperties.ReadsOwn, finding!.Cause);

        async Path<Done> Overwrite(KernelTask current) => await current.Ask(lab.Memory, new WritePage(lab.PfnOf(Gfn)!.Value, new Asid(9).Key));
    }

    [Fact]
    public void What_the_host_reads_of_a_guests_page_is_ciphertext_and_no_finding()
    {
        var lab = new SnpLab();
        lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn));

        var read = lab.RunConverting(new Access(Gfn, IsPrivate: true, AccessKind.Read));
        var content = lab.Call(Read);

        Assert.Equal(ContentKind.Data, read.Content.Kind);
        Assert.Equal(ContentKind.Ciphertext, content.Kind);

        async Path<Content> Read(KernelTask current) => await current.Ask(lab.Memory, new ReadPage(lab.PfnOf(Gfn)!.Value));
    }

    [Fact]
    public void A_page_that_is_lost_is_a_finding_in_the_end()
    {
        var lab = new SnpLab();

        var finding = lab.Find(current => SevSnpHost.SnpLeakPages(current, lab.Machine, new(0x1000)));

        Assert.Equal(SnpProperties.NothingLeaked, finding!.Cause);
    }

    // A launch page that neither the firmware nor RMPUPDATE lets go is lost, and the VM is bugged.
    [Fact]
    public void A_launch_page_that_cannot_be_taken_back_is_lost()
    {
        var findings = Enumerable.Range(0, 200).Select(seed => Launched((ulong)seed)).OfType<Finding>().ToList();

        Assert.Contains(findings, finding => finding.Cause == SnpProperties.NothingLeaked);
        Assert.All(
            findings.Where(finding => finding.Cause == SnpProperties.NothingLeaked),
            finding => Assert.Contains(finding.Warnings, warning => warning.Cause.StartsWith("KVM_BUG", StringComparison.Ordinal)));
    }

    private static Finding? Punched(ulong seed)
    {
        var lab = new SnpLab(seed: seed, faults: EveryOtherRmp);
        lab.Stage.Prepare(lab.Vm, Gfn, lab.Inode.Allocate(new(0)));
        return lab.Find(current => Punch(current, lab));
    }

    private static Finding? Launched(ulong seed)
    {
        var lab = new SnpLab(seed: seed, isLaunched: false, faults: EveryOtherRmp);
        return lab.Find(Launch);

        async Path Launch(KernelTask current)
        {
            await Sev.SevMemEncIoctl(current, lab.Vm, new SnpLaunchStartCmd());
            await Sev.SevMemEncIoctl(current, lab.Vm, new SnpLaunchUpdateCmd(Gfn, 0, 4096));
        }
    }

    private static async Path Punch(KernelTask current, SnpLab lab) =>
        await Open.VfsFallocate(current, lab.File, FallocMode.KeepSize | FallocMode.PunchHole, 0, Lab.Page);

    private static async Path Assign(KernelTask current, SnpLab lab, Pfn pfn) =>
        await SevSnpHost.RmpMakePrivate(current, lab.Machine, pfn, Gfn, PageLevel.Level4K, lab.Vm.Asid, immutable: false);

    private static async Path Run(KernelTask current, SnpLab lab, params GuestOp[] program) =>
        await KvmMain.KvmVcpuIoctlRun(current, lab.Vcpu, new(program));
}
