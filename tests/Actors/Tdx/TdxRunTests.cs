using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;
using FaultKind = GmemActors.Actors.FaultKind;

namespace GmemActors.Tests.Actors.Tdx;

public class TdxRunTests
{
    private const ulong SharedBit = 1ul << 47;
    private const ulong Address = 0x100 * P;
    private const ulong P = Pages.Size;

    [Fact]
    public void A_page_is_augmented_accepted_and_used()
    {
        var (lab, vcpu) = Lab();

        Assert.Equal(Errno.None, lab.Run(vcpu, new AcceptPage(TdLab.Low), Access.Private(TdLab.Low)));
        Assert.Equal(SeptState.Mapped, State(lab, TdLab.Low));
        Assert.Equal(1ul, Count(lab));
    }

    [Fact]
    public void An_access_before_the_acceptance_kills_the_VM()
    {
        var (lab, vcpu) = Lab();

        Assert.Equal(Errno.EIO, lab.Run(vcpu, Access.Private(TdLab.Low)));
        Assert.True(lab.Vm.IsDead);
        Assert.Null(lab.Vm.BuggedBy);
        Assert.Equal(SeptState.Pending, State(lab, TdLab.Low));
        Assert.Equal(Errno.EIO, lab.Run(vcpu, new AcceptPage(TdLab.Low)));
    }

    [Fact]
    public void A_guest_that_gets_a_virtualization_exception_accepts_then()
    {
        var lab = TdLab.Runnable(options: new() { PendingVe = true });
        var vcpu = lab.NewVcpu();
        lab.Watched();

        Assert.Equal(Errno.None, lab.Run(vcpu, Access.Private(TdLab.Low)));
        Assert.Equal(SeptState.Mapped, State(lab, TdLab.Low));
    }

    [Fact]
    public void Private_memory_of_a_shared_frame_is_an_exit_that_says_private()
    {
        var (lab, vcpu) = Lab();
        lab.Convert(TdLab.Low, toPrivate: false);
        var run = new KvmRun([new AcceptPage(TdLab.Low)]);

        Assert.Equal(Errno.EFAULT, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
        Assert.Equal((ExitReason.MemoryFault, true), (run.ExitReason, run.IsPrivate));
        Assert.Equal(new GfnRange(TdLab.Low, TdLab.High), run.Range);
    }

    [Fact]
    public void Six_exits_at_one_instruction_make_the_module_suspicious_and_the_mapping_ends_that()
    {
        var (lab, vcpu) = Lab();
        lab.Convert(TdLab.Low, toPrivate: false);
        var run = new KvmRun([new AcceptPage(TdLab.Low)]);
        for (var i = 0; i < 8; i++) Assert.Equal(Errno.EFAULT, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
        Assert.True(lab.Module.IsSuspected(vcpu.Tdvpr));

        lab.Convert(TdLab.Low, toPrivate: true);

        Assert.Equal(Errno.None, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
        Assert.Equal(SeptState.Mapped, State(lab, TdLab.Low));
        Assert.False(lab.Module.IsSuspected(vcpu.Tdvpr));
    }

    [Fact]
    public void Shared_memory_goes_through_the_direct_root()
    {
        var (lab, vcpu) = Lab();
        lab.Convert(TdLab.Low, toPrivate: false);

        Assert.Equal(Errno.None, lab.Run(vcpu, Access.Shared(TdLab.Low)));
        Assert.NotNull(lab.Vm.Maps(TdLab.Low));
        Assert.Equal(0ul, Count(lab));
    }

    [Fact]
    public void Each_kind_keeps_its_mapping_until_a_conversion_takes_it()
    {
        var (lab, vcpu) = Lab();
        lab.Run(vcpu, new AcceptPage(TdLab.Low), new AcceptPage(TdLab.High));

        lab.Convert(TdLab.Low, toPrivate: false);

        Assert.Equal(1ul, Count(lab));
        Assert.Equal(SeptState.Mapped, State(lab, TdLab.High));
    }

    [Theory]
    [InlineData(Address, P, TdvmcallStatus.Success)]
    [InlineData(Address | SharedBit, 2 * P, TdvmcallStatus.Success)]
    [InlineData(Address, 0, TdvmcallStatus.InvalidOperand)]
    [InlineData(Address, unchecked(0ul - P), TdvmcallStatus.InvalidOperand)]
    [InlineData(Address, 3 * P, TdvmcallStatus.InvalidOperand)]
    [InlineData(Address - P, P, TdvmcallStatus.InvalidOperand)]
    [InlineData(Address, SharedBit, TdvmcallStatus.InvalidOperand)]
    [InlineData(Address + 1, P, TdvmcallStatus.AlignError)]
    [InlineData(Address, P + 1, TdvmcallStatus.AlignError)]
    public void MapGPA_looks_at_its_arguments_in_order(ulong gpa, ulong size, TdvmcallStatus expected)
    {
        var (lab, vcpu) = Lab();
        var run = new KvmRun([new MapGpa(gpa, size)]);

        Assert.Equal(Errno.None, lab.Call(current => Drive(current, lab, vcpu, run)));
        Assert.Equal(expected, run.VmcallStatus);
    }

    [Theory]
    [InlineData(Errno.EAGAIN, TdvmcallStatus.Retry, Errno.None)]
    [InlineData(Errno.EINVAL, TdvmcallStatus.InvalidOperand, Errno.None)]
    [InlineData(Errno.ENOMEM, TdvmcallStatus.Success, Errno.EINVAL)]
    public void What_user_space_answers_is_passed_on(Errno answer, TdvmcallStatus status, Errno expected)
    {
        var (lab, vcpu) = Lab();
        var run = new KvmRun([new MapGpa(Address, P), new AcceptPage(TdLab.Low)]);
        Assert.Equal(Errno.None, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
        Assert.Equal(ExitReason.Hypercall, run.ExitReason);

        run.HypercallRet = (ulong)answer;

        Assert.Equal(expected, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
        Assert.Equal(status, run.VmcallStatus);
    }

    [Fact]
    public void Where_the_exit_is_not_enabled_MapGPA_is_unsupported()
    {
        var lab = TdLab.Runnable(exitsOnMapGpaRange: false);
        var vcpu = lab.NewVcpu();
        lab.Watched();
        var run = new KvmRun([new MapGpa(Address, P)]);

        Assert.Equal(Errno.None, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
        Assert.Equal((ExitReason.Hlt, TdvmcallStatus.SubfuncUnsupported), (run.ExitReason, run.VmcallStatus));
    }

    [Fact]
    public void MapGPA_goes_to_user_space_in_chunks_of_2M()
    {
        var lab = TdLab.Runnable(frames: 1200);
        var vcpu = lab.NewVcpu();
        lab.Watched();
        var run = new KvmRun([new MapGpa(Address, 1100 * P)]);
        List<ulong> chunks = [];

        while (run.ExitReason != ExitReason.Hlt)
        {
            Assert.Equal(Errno.None, lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run)));
            if (run.ExitReason == ExitReason.Hypercall) chunks.Add(run.Range.End.Value - run.Range.Start.Value);
        }

        Assert.Equal([512, 512, 76], chunks);
    }

    [Fact]
    public void A_signal_between_two_chunks_sends_the_guest_back_with_the_next_address()
    {
        var lab = TdLab.Runnable(frames: 1200, faults: new(FaultKind.Signal, Interval: 1));
        var vcpu = lab.NewVcpu();
        lab.Watched();
        var run = new KvmRun([new MapGpa(Address, 1100 * P)]);
        lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run));
        Assert.Equal(ExitReason.Hypercall, run.ExitReason);

        lab.Call(current => KvmMain.KvmVcpuIoctlRun(current, vcpu, run));

        Assert.Equal((TdvmcallStatus.Retry, Address + (512 * P)), (run.VmcallStatus, run.VmcallR11));
    }

    [Fact]
    public void A_private_fault_allocates_the_page_tables_of_the_secure_EPT_that_are_missing()
    {
        var lab = TdLab.Empty();
        var vcpu = lab.NewVcpu();
        lab.Watched();
        lab.Ioctl(new KvmTdxCmd.InitVm());
        lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu());
        lab.Ioctl(new KvmTdxCmd.FinalizeVm());
        var before = lab.Memory.CountOf(lab.Vm);

        lab.Run(vcpu, new AcceptPage(TdLab.Low), new AcceptPage(TdLab.High));

        Assert.Equal(before + 2, lab.Memory.CountOf(lab.Vm));
        Assert.Equal(2ul, Count(lab));
    }

    private static (TdLab Lab, Vcpu Vcpu) Lab()
    {
        var lab = TdLab.Runnable();
        var vcpu = lab.NewVcpu();
        return (lab.Watched(), vcpu);
    }

    private static async Path<Errno> Drive(KernelTask current, TdLab lab, Vcpu vcpu, KvmRun run)
    {
        var errno = Errno.None;
        while (errno == Errno.None && run.ExitReason != ExitReason.Hlt)
        {
            errno = await KvmMain.KvmVcpuIoctlRun(current, vcpu, run);
            if (run.ExitReason != ExitReason.Hypercall) continue;
            var request = MemoryAttributesRequest.Convert(run.Range, run.IsPrivate);
            run.HypercallRet = (ulong)await KvmMain.KvmVmIoctlSetMemAttributes(current, lab.Vm, request);
        }

        return errno;
    }

    private static SeptState? State(TdLab lab, Gfn gfn) => lab.Module.SeptStateOf(lab.Vm.Td!.Tdr, gfn, PageLevel.Level4K);

    private static ulong Count(TdLab lab) =>
        (lab.Module.LeafOf(lab.Vm.Td!.Tdr, TdLab.Low) is null ? 0ul : 1) + (lab.Module.LeafOf(lab.Vm.Td.Tdr, TdLab.High) is null ? 0ul : 1);
}
