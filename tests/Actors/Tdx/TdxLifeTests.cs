using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;
using FaultKind = GmemActors.Actors.FaultKind;

namespace GmemActors.Tests.Actors.Tdx;

public class TdxLifeTests
{
    [Fact]
    public void A_trust_domain_is_created_run_and_torn_down_without_a_trace()
    {
        var lab = TdLab.Empty(options: new() { Packages = 2 });
        var (vm, vcpu) = (lab.Stage.OpenVm(lab.Vm), lab.NewVcpu());
        lab.Watched();
        var free = lab.Memory.FreeCount;

        Assert.Equal(Errno.None, lab.Ioctl(new KvmTdxCmd.InitVm()));
        Assert.Equal(Errno.None, lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu()));
        Assert.Equal(Errno.None, lab.Ioctl(new KvmTdxCmd.FinalizeVm()));
        Assert.Equal(Errno.None, lab.Run(vcpu, new AcceptPage(TdLab.Low), Access.Private(TdLab.Low)));
        Assert.Equal(SeptState.Mapped, lab.Module.SeptStateOf(lab.Vm.Td!.Tdr, TdLab.Low, PageLevel.Level4K));
        Assert.Equal(0, lab.Call(current => Close(current, lab, vm)));

        Assert.True(lab.Vm.IsFreed);
        Assert.Equal(free, lab.Memory.FreeCount);
        Assert.Equal(0, lab.Machine.TdxKeyIds!.TakenCount);
        Assert.Empty(lab.Vm.Tdx.Leaked);
    }

    [Fact]
    public void Commands_come_in_their_order()
    {
        var lab = TdLab.Empty();
        var vcpu = lab.NewVcpu();
        lab.Watched();

        Assert.Equal(Errno.EINVAL, lab.Ioctl(new KvmTdxCmd.FinalizeVm()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(new KvmTdxCmd.InitVm(Flags: 1)));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(new KvmTdxCmd.InitVm(HwError: 1)));
        Assert.Equal(Errno.None, lab.Ioctl(new KvmTdxCmd.InitVm()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(new KvmTdxCmd.InitVm()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu(Flags: 1)));
        Assert.Equal(Errno.None, lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu()));
        Assert.Equal(Errno.None, lab.Ioctl(new KvmTdxCmd.FinalizeVm()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(new KvmTdxCmd.FinalizeVm()));
        Assert.Equal(Errno.EINVAL, lab.Ioctl(vcpu, new KvmTdxCmd.InitVcpu()));
    }

    [Fact]
    public void A_vCPU_that_is_not_initialised_does_not_run()
    {
        var lab = TdLab.Initialized();
        var vcpu = lab.NewVcpu(isInitialized: false);
        lab.Watched();

        Assert.Equal(Errno.EINVAL, lab.Run(vcpu, Access.Private(TdLab.Low)));
    }

    [Fact]
    public void When_the_keys_are_taken_there_is_no_further_trust_domain()
    {
        var lab = TdLab.Empty();
        lab.Machine.TdxKeyIds!.Take();
        lab.Machine.TdxKeyIds.Take();
        lab.Watched();

        Assert.Equal(Errno.ENOSPC, lab.Ioctl(new KvmTdxCmd.InitVm()));
        Assert.Null(lab.Vm.Td);
    }

    [Fact]
    public void Whatever_fails_while_it_is_created_is_undone()
    {
        var outcomes = new SortedSet<Errno>();
        for (var seed = 0ul; seed < 200; seed++)
        {
            var lab = TdLab.Empty(faults: new(FaultKind.Allocation | FaultKind.Seamcall, Interval: 6), seed: seed).Watched();
            var free = lab.Memory.FreeCount;
            var errno = Errno.None;

            lab.Find(async current => errno = await GmemActors.Actors.Paths.Tdx.TdxVmIoctl(current, lab.Vm, new KvmTdxCmd.InitVm()));

            outcomes.Add(errno);
            if (errno == Errno.None || lab.Vm.BuggedBy is not null) continue;
            Assert.Equal(free - lab.Vm.Tdx.Leaked.Count, lab.Memory.FreeCount);
            if (lab.Vm.Tdx.Leaked.Count == 0) Assert.Equal(0, lab.Machine.TdxKeyIds!.TakenCount);
        }

        Assert.Equal([Errno.None, Errno.EIO, Errno.ENOMEM], outcomes);
    }

    [Fact]
    public void If_the_key_cannot_be_freed_every_page_is_lost_and_known_to_be()
    {
        var lab = TdLab.Initialized(faults: new(FaultKind.Seamcall, Interval: 1));
        var (vm, vcpu) = (lab.Stage.OpenVm(lab.Vm), lab.NewVcpu());

        var finding = lab.Find(current => Close(current, lab, vm));

        // VPFLUSHDONE fails, so that the HKID stays assigned: root, control structure, vCPU and two page tables.
        Assert.Equal("warn", finding!.Kind);
        Assert.StartsWith("SEAMCALL TDH_MNG_VPFLUSHDONE failed", lab.Vm.BuggedBy, StringComparison.Ordinal);
        Assert.Equal(5, lab.Vm.Tdx.Leaked.Count);
        Assert.Contains(vcpu.Tdvpr, lab.Vm.Tdx.Leaked);
        Assert.Equal(1, lab.Machine.TdxKeyIds!.TakenCount);
        Assert.True(lab.Vm.IsFreed);
    }

    private static async Path<int> Close(KernelTask current, TdLab lab, int vm)
    {
        await Open.Close(current, lab.Stage.Files, 0);
        await Open.Close(current, lab.Stage.Files, vm);
        return 0;
    }
}
