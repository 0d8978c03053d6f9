using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Tests.Actors.Tdx;

namespace GmemActors.Tests.Vectors;

/// <summary>The test vectors of trust domains, by number. Source: tools/testing/selftests/kvm, pre_fault_memory_test.c and its kin.</summary>
public class TdxVectorsTests
{
    private const ulong SharedBit = 1ul << 47;

    public enum When
    {
        BeforeFinalize,
        AfterFinalize,
    }

    [Theory]
    [InlineData(67, When.BeforeFinalize, false, Errno.EOPNOTSUPP)]
    [InlineData(67, When.AfterFinalize, false, Errno.None)]
    [InlineData(68, When.AfterFinalize, true, Errno.EINVAL)]
    [InlineData(68, When.BeforeFinalize, true, Errno.EOPNOTSUPP)]
    public void Vector(int number, When when, bool isAlias, Errno expected)
    {
        var lab = when == When.BeforeFinalize ? TdLab.Initialized() : TdLab.Runnable();
        var vcpu = lab.NewVcpu();
        lab.Watched();
        var gpa = (TdLab.Low.Value << Pages.Shift) | (isAlias ? SharedBit : 0);

        var result = lab.Call(current => KvmMain.KvmVcpuPreFaultMemory(current, vcpu, gpa, Pages.Size));

        Assert.True(number is 67 or 68);
        Assert.Equal(expected, result.Errno);
        Assert.Equal(expected == Errno.None, lab.Module.LeafOf(lab.Vm.Td!.Tdr, TdLab.Low) is not null);
    }

    [Fact]
    public void Vector_69_after_a_prefault_the_guest_accepts_without_an_exit()
    {
        var lab = TdLab.Runnable();
        var vcpu = lab.NewVcpu();
        lab.Watched();
        lab.Call(current => KvmMain.KvmVcpuPreFaultMemory(current, vcpu, TdLab.Low.Value << Pages.Shift, Pages.Size));
        var before = lab.Module.EpochsOf(lab.Vm.Td!.Tdr).Current;

        Assert.Equal(Errno.None, lab.Run(vcpu, new AcceptPage(TdLab.Low), Access.Private(TdLab.Low)));
        Assert.Equal(before, lab.Module.EpochsOf(lab.Vm.Td!.Tdr).Current);
    }
}
