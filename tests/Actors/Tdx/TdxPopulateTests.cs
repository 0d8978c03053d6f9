using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Hardware;
using FaultKind = GmemActors.Actors.FaultKind;

namespace GmemActors.Tests.Actors.Tdx;

public class TdxPopulateTests
{
    private const ulong P = Pages.Size;
    private const ulong Gpa = 0x100 * P;
    private const ulong SharedBit = 1ul << 47;

    [Fact]
    public void Pages_of_the_user_become_the_trust_domains()
    {
        var (lab, vcpu) = Lab();
        var region = new KvmTdxInitMemRegion(0, Gpa, 2);

        Assert.Equal(Errno.None, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(region, KvmTdxCmd.InitMemRegion.MeasureMemoryRegion)));

        Assert.Equal((2 * P, Gpa + (2 * P), 0ul), (region.SourceAddr, region.Gpa, region.NrPages));
        Assert.Equal(SeptState.Mapped, lab.Module.SeptStateOf(lab.Vm.Td!.Tdr, TdLab.High, PageLevel.Level4K));
        Assert.NotEqual(new Fingerprint().Value, lab.Module.MeasurementOf(lab.Vm.Td!.Tdr));
        Assert.Equal(Errno.None, lab.Ioctl(new KvmTdxCmd.FinalizeVm()));
        Assert.Equal(Errno.None, lab.Run(vcpu, Access.Private(TdLab.Low), Access.Private(TdLab.High)));
    }

    [Fact]
    public void A_page_that_is_there_already_is_refused()
    {
        var (lab, vcpu) = Lab();
        Assert.Equal(Errno.None, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1))));

        Assert.Equal(Errno.EIO, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1))));
        Assert.Null(lab.Vm.BuggedBy);
    }

    [Fact]
    public void What_was_done_before_an_error_stays_done_and_is_told()
    {
        var (lab, vcpu) = Lab();
        lab.Convert(TdLab.High, toPrivate: false);
        var region = new KvmTdxInitMemRegion(0, Gpa, 2);

        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(region)));
        Assert.Equal((P, Gpa + P, 1ul), (region.SourceAddr, region.Gpa, region.NrPages));
    }

    [Theory]
    [InlineData(1, Gpa, 1, 0, Errno.EINVAL)]
    [InlineData(0, Gpa + 1, 1, 0, Errno.EINVAL)]
    [InlineData(0, Gpa, 0, 0, Errno.EINVAL)]
    [InlineData(0, Gpa, ulong.MaxValue >> Pages.Shift, 0, Errno.EINVAL)]
    [InlineData(0, Gpa | SharedBit, 1, 0, Errno.EINVAL)]
    [InlineData(0, Gpa, 1, 2, Errno.EINVAL)]
    [InlineData(0, Gpa + (4 * P), 1, 0, Errno.EINVAL)]
    public void Its_arguments(ulong source, ulong gpa, ulong pages, uint flags, Errno expected)
    {
        var (lab, vcpu) = Lab();

        Assert.Equal(expected, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(source, gpa, pages), flags)));
    }

    [Fact]
    public void An_argument_that_cannot_be_read_and_states_that_do_not_allow_it()
    {
        var (lab, vcpu) = Lab();
        Assert.Equal(Errno.EFAULT, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(null)));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1), HwError: 1)));

        lab.Ioctl(new KvmTdxCmd.FinalizeVm());

        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1))));
    }

    [Fact]
    public void A_vCPU_that_is_not_initialised_cannot_be_used_for_it()
    {
        var lab = TdLab.Initialized();
        var vcpu = lab.NewVcpu(isInitialized: false);
        lab.Watched();

        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1))));
    }

    [Fact]
    public void A_signal_ends_it()
    {
        var lab = TdLab.Initialized(faults: new(FaultKind.Signal, Interval: 1));
        var vcpu = lab.NewVcpu();
        lab.Watched();

        Assert.Equal(Errno.EINTR, lab.Ioctl(vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1))));
        Assert.True(lab.Vm.KvmMutex.IsFree);
    }

    [Fact]
    public void A_SEAMCALL_that_fails_bugs_the_VM()
    {
        SortedSet<string> bugs = [];
        for (var seed = 0ul; seed < 100; seed++)
        {
            var lab = TdLab.Initialized(faults: new(FaultKind.Seamcall, Interval: 3), seed: seed);
            var vcpu = lab.NewVcpu();
            var errno = Errno.None;

            lab.Find(async current => errno = await GmemActors.Actors.Paths.Tdx.TdxVcpuUnlockedIoctl(
                current, vcpu, new KvmTdxCmd.InitMemRegion(new(0, Gpa, 1), KvmTdxCmd.InitMemRegion.MeasureMemoryRegion)));

            Assert.Equal(lab.Vm.BuggedBy is null ? Errno.None : Errno.EIO, errno);
            if (lab.Vm.BuggedBy is { } bug) bugs.Add(bug.Split(' ')[1]);
        }

        Assert.Equal(["TDH_MEM_PAGE_ADD", "TDH_MR_EXTEND"], bugs);
    }

    private static (TdLab Lab, Vcpu Vcpu) Lab()
    {
        var lab = TdLab.Initialized();
        var vcpu = lab.NewVcpu();
        return (lab.Watched(), vcpu);
    }
}
