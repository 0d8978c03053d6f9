using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Tests.Actors;
using HwFault = GmemActors.Hardware.FaultKind;

namespace GmemActors.Tests.Vectors;

/// <summary>What SNP guests and the RMP must show: the page-state selftest of 2021, the APM, Microsoft's pages on the intrinsics.</summary>
public class SnpVectorsTests
{
    private static readonly Gfn Gfn = SnpLab.First;

    public static TheoryData<string> Kernels => [.. KernelVersion.WithVmAttributes.Where(kernel => !kernel.Has(MmuBugs.FastPathForMismatch)).Select(kernel => kernel.Name)];

    public static TheoryData<RmpResult> BadPageCodes => [RmpResult.FailUnsuitable, RmpResult.FailOverlap];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vector_67_a_prefault_before_the_launch_is_finished_is_not_supported(string kernel)
    {
        var version = KernelVersion.Find(kernel)!;
        var lab = new SnpLab(version, isLaunched: false);

        var result = lab.Call(current => KvmMain.KvmVcpuPreFaultMemory(current, lab.Vcpu, Gfn.Value << 12, 4096));

        var expected = !version.HasPreFault ? Errno.ENOTTY : version.Has(SnpBugs.PrefaultBeforeLaunch) ? Errno.None : Errno.EOPNOTSUPP;
        Assert.Equal(expected, result.Errno);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vector_77_the_second_of_two_pvalidates_changes_nothing(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));

        lab.RunConverting(new GuestPvalidate(Gfn), new GuestPvalidate(Gfn));

        Assert.Equal([new RmpOutcome(RmpResult.Success), new(RmpResult.Success, carry: true)], lab.Results.Select(result => result.Outcome));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vector_78_a_page_that_is_not_validated_any_more_is_a_vc(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));

        var result = lab.RunConverting(
            new GuestPvalidate(Gfn), Access.Private(Gfn), new GuestPvalidate(Gfn, Validate: false), Access.Private(Gfn));

        Assert.Equal(HwFault.None, lab.Results[1].Fault.Kind);
        Assert.Equal(HwFault.PageNotValidated, result.Fault.Kind);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vector_79_a_shared_page_is_a_vc_when_used_as_private_and_readable_as_shared(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn), new GuestPscMsr(Gfn, PscOperation.Shared));

        // User space gives the private page back, as it does with a conversion that is to last.
        lab.Punch(0);
        lab.Call<Done>(HostWrites(lab, 0));
        var asShared = lab.RunConverting(new Access(Gfn, IsPrivate: false, AccessKind.Read));
        var asPrivate = lab.RunConverting(Access.Private(Gfn));

        Assert.Equal(new Content(ContentKind.Data, KeyId.Shared, IsStale: false), asShared.Content);
        Assert.Equal(HwFault.PageNotValidated, asPrivate.Fault.Kind);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vector_80_a_shared_write_to_a_private_page_is_a_memory_fault_that_user_space_ends(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn));

        var (errno, run) = lab.Run(Access.Shared(Gfn));

        Assert.Equal((Errno.EFAULT, ExitReason.MemoryFault, false), (errno, run.ExitReason, run.IsPrivate));
        Assert.Equal(GfnRange.Of(Gfn, 1), run.Range);
        Assert.Equal(HwFault.None, lab.RunConverting(Access.Shared(Gfn)).Fault.Kind);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vector_81_a_page_that_became_private_must_be_validated_before_it_is_used(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        lab.Convert(GfnRange.Of(Gfn, 1), isPrivate: false);

        var result = lab.RunConverting(new GuestPscMsr(Gfn, PscOperation.Private), Access.Private(Gfn));

        Assert.Equal(0ul, lab.Results[0].Psc);
        Assert.Equal(HwFault.PageNotValidated, result.Fault.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Vector_83_pvalidate_of_4k_in_a_2m_entry_has_the_host_break_it_up(bool sizemOnMismatch)
    {
        var lab = new SnpLargeLab(new() { SizemOnNptMismatch = sizemOnMismatch }, validated: false);

        var result = lab.Run(new GuestPvalidate(SnpLargeLab.First));

        Assert.Equal(new RmpOutcome(RmpResult.Success), result.Outcome);
        Assert.Equal(PageLevel.Level4K, lab.Rmp.StateOf(lab.Pfn).Level);
    }

    [Fact]
    public void Vector_85_rmpupdate_of_4k_in_a_2m_entry_is_an_overlap_and_linux_never_gives_up()
    {
        var lab = new SnpLargeLab(MachineOptions.Default);

        var finding = lab.Find(current => MakeShared(current, lab));

        Assert.Equal(("livelock", "rmpupdate FAIL_OVERLAP"), (finding!.Kind, finding.Cause));
        Assert.Contains(finding.Details, line => line.Contains("tries", StringComparison.Ordinal));

        static async Path MakeShared(KernelTask current, SnpLargeLab lab) =>
            await SevSnpHost.RmpMakeShared(current, lab.Machine, new(lab.Pfn.Value + 1), PageLevel.Level4K);
    }

    [Theory]
    [MemberData(nameof(BadPageCodes))]
    public void Vector_87_psmash_wants_an_aligned_2m_entry(RmpResult badPage)
    {
        var lab = new SnpLargeLab(new() { PsmashBadPageCode = badPage });

        Assert.Equal(RmpResult.FailInput, lab.Call(current => SevSnpHost.Psmash(current, lab.Machine, new(lab.Pfn.Value + 1))).Value);
        Assert.Equal(RmpResult.Success, lab.Call(current => SevSnpHost.Psmash(current, lab.Machine, lab.Pfn)).Value);
        Assert.Equal(badPage, lab.Call(current => SevSnpHost.Psmash(current, lab.Machine, lab.Pfn)).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Vector_90_a_4k_mapping_over_a_2m_entry_ends_with_psmash(bool sizemOnMismatch)
    {
        var lab = new SnpLargeLab(new() { SizemOnNptMismatch = sizemOnMismatch });

        var result = lab.Run(Access.Private(SnpLargeLab.First + 1));

        Assert.False(result.Fault.IsFault);
        Assert.Equal(PageLevel.Level4K, lab.Rmp.StateOf(lab.Pfn).Level);
    }

    [Fact]
    public void Vector_84_an_immutable_page_cannot_be_taken_back()
    {
        var lab = new SnpLab();
        var pfn = Immutable(lab);

        var code = lab.Call(current => RmpInstructions.Rmpupdate(current, lab.Rmp, pfn, RmpState.Shared));
        var errno = lab.Call(current => SevSnpHost.RmpMakeShared(current, lab.Machine, pfn, PageLevel.Level4K));

        Assert.Equal((RmpResult.FailPermission, Errno.EFAULT), (code, errno));
    }

    [Fact]
    public void Vector_88_the_vmsa_of_a_vcpu_that_runs_cannot_be_changed()
    {
        var lab = new SnpLab();
        var vmsa = lab.Vcpu.Vmsa!.Value;

        Assert.Equal(HwFault.None, lab.Call(Vmrun));

        Assert.Equal(RmpResult.FailInuse, lab.Call(current => RmpInstructions.Rmpupdate(current, lab.Rmp, vmsa, RmpState.Shared)));
        Assert.Equal(Errno.EFAULT, lab.Call(current => SevSnpHost.RmpMakeShared(current, lab.Machine, vmsa, PageLevel.Level4K)));

        async Path<HwFault> Vmrun(KernelTask current) =>
            (await current.Ask(lab.Rmp, new Vmrun(lab.Vm.Asid, new(new(0), vmsa, Vcpu.InitialVmsaGfn)))).Kind;
    }

    [Fact]
    public void Vector_89_a_host_write_to_an_assigned_page_is_the_end_and_a_read_is_not()
    {
        var lab = new SnpLab();
        lab.RunConverting(new GuestPvalidate(Gfn), Access.Private(Gfn));
        var pfn = lab.PfnOf(Gfn)!.Value;

        Assert.Equal(ContentKind.Ciphertext, lab.Memory.ContentOf(pfn, KeyId.Shared).Kind);
        var read = lab.Call(Check);
        var finding = lab.Find(current => Highmem.ClearHighpage(current, lab.Machine, pfn));

        Assert.False(read.IsFault);
        Assert.Equal(SnpProperties.HostLives, finding!.Cause);
        Assert.Contains("Rmp", finding.Details[0], StringComparison.Ordinal);

        async Path<Fault> Check(KernelTask current) =>
            await current.Ask(lab.Rmp, new CheckRmp(RmpAccess.HostWrite(pfn) with { Kind = AccessKind.Read }));
    }

    [Fact]
    public void Vector_91_a_vmpl_can_only_be_given_less_than_one_has()
    {
        var lab = new SnpLab();

        lab.RunConverting(
            new GuestPvalidate(Gfn),
            new GuestRmpadjust(Gfn, Vmpl.L0, VmplPermissions.Read),
            new GuestRmpadjust(Gfn, Vmpl.L1, VmplPermissions.Read));

        Assert.Equal([RmpResult.Success, RmpResult.FailPermission, RmpResult.Success], lab.Results.Select(result => result.Outcome.Code));
    }

    // A page of a guest that is being launched, before the firmware has measured it.
    private static Pfn Immutable(SnpLab lab)
    {
        var pfn = lab.Inode.Allocate(new(3));
        lab.Rmp.Set(pfn, RmpState.Private(lab.Vm.Asid, Gfn, immutable: true));
        return pfn;
    }

    private static Func<KernelTask, Path<Done>> HostWrites(SnpLab lab, ulong page)
    {
        return Write;

        async Path<Done> Write(KernelTask current)
        {
            var pfn = await current.Ask(lab.Mm, new GupFastPte(page));
            await current.Ask(lab.Memory, new WritePage(pfn!.Value));
            await Swap.PutPage(current, lab.Mm, pfn.Value);
            return default;
        }
    }
}
