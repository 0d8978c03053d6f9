using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class SnpVmsaTests
{
    private static readonly Gfn Gfn = SnpLab.First;

    public static TheoryData<string> Kernels => ["6.12", "7.2"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_vcpu_begins_at_the_vmsa_that_its_guest_made(string kernel)
    {
        var lab = WithVmsa(kernel);

        var result = lab.RunConverting(new GuestApCreate(0, Gfn + 1), new GuestPvalidate(Gfn));

        Assert.Equal(RmpResult.Success, result.Outcome.Code);
        Assert.True(lab.Vcpu.HasGuestVmsa);
    }

    [Theory]
    [InlineData(1, 0x102ul)]
    [InlineData(0, 0x200ul)]
    [InlineData(0, 0x999ul)]
    public void A_vcpu_that_is_not_there_and_an_address_that_cannot_be_are_refused(int target, ulong gfn)
    {
        var lab = WithVmsa("7.2");

        lab.Run(new GuestApCreate(target, new(gfn)));

        Assert.NotEqual(0ul, lab.Results.Single().Psc);
        Assert.False(lab.Vcpu.HasGuestVmsa);
    }

    [Theory]
    [InlineData("6.12", Errno.None, ExitReason.FailEntry)]
    [InlineData("7.2", Errno.EINVAL, ExitReason.Unknown)]
    public void A_vcpu_that_was_stopped_does_not_enter(string kernel, Errno errno, ExitReason reason)
    {
        var lab = WithVmsa(kernel);

        var (result, run) = lab.Run(new GuestApCreate(0, null), Access.Private(Gfn));

        Assert.Equal((errno, reason), (result, run.ExitReason));
    }

    // The page that comes in its place is the guest's, but it is no VMSA.
    [Fact]
    public void A_vcpu_whose_vmsa_is_punched_looks_for_it_and_does_not_enter()
    {
        var lab = WithVmsa("7.2");
        lab.RunConverting(new GuestApCreate(0, Gfn + 1), new GuestPvalidate(Gfn));

        lab.Punch(1);
        var (errno, run) = lab.Run(Access.Private(Gfn));

        Assert.Equal((Errno.None, ExitReason.FailEntry), (errno, run.ExitReason));
        Assert.True(lab.Inode.Caches(lab.Vcpu.CurrentVmsa.Pfn!.Value));
    }

    [Fact]
    public void A_vcpu_of_6_12_enters_with_a_vmsa_that_was_punched()
    {
        var lab = WithVmsa("6.12");
        lab.RunConverting(new GuestApCreate(0, Gfn + 1), new GuestPvalidate(Gfn));
        lab.Punch(1);

        var finding = lab.Find(async current => await KvmMain.KvmVcpuIoctlRun(current, lab.Vcpu, new([Access.Private(Gfn)])));

        Assert.Equal(SnpProperties.VmsaCached, finding!.Cause);
    }

    // The second frame is a VMSA that the guest has written.
    private static SnpLab WithVmsa(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        lab.Rmp.Set(lab.Inode.Allocate(new(1)), RmpState.Private(lab.Vm.Asid, Gfn + 1), validated: true, vmsa: true);
        return lab;
    }
}
