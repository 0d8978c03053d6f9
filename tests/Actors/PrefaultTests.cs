using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Tests.Actors;

public class PrefaultTests
{
    private const ulong P = 4096;
    private const ulong Address = 0x100 * P;

    [Fact]
    public void Vector_60_all_of_a_slot_is_mapped()
    {
        var lab = Lab.Bound();

        Assert.Equal(0ul, Prefault(lab, Address, 2 * P));

        Assert.NotNull(lab.Vm.Maps(Lab.First));
        Assert.NotNull(lab.Vm.Maps(Lab.First + 1));
    }

    [Fact]
    public void Vector_62_where_no_slot_is_nothing_is_mapped()
    {
        var lab = new Lab();
        lab.Convert(Lab.First, toPrivate: false);

        Assert.Equal(Errno.ENOENT, Prefault(lab, Address, P).Errno);
    }

    [Fact]
    public void Vector_63_what_was_mapped_before_an_error_counts_as_success()
    {
        Assert.Equal(2 * P, Prefault(Lab.Bound(), Address, 4 * P));
    }

    [Theory]
    [InlineData(Address, 0, 0)]
    [InlineData(Address + 1, P, 0)]
    [InlineData(Address, P + 1, 0)]
    [InlineData(unchecked(0ul - P), P, 0)]
    [InlineData(Address, P, 1)]
    public void Vector_64(ulong gpa, ulong size, ulong flags)
    {
        var lab = Lab.Bound();

        var result = lab.Call(current => KvmMain.KvmVcpuPreFaultMemory(current, lab.Vcpu, gpa, size, flags));

        Assert.Equal(Errno.EINVAL, result.Errno);
    }

    [Fact]
    public void Vector_69_the_guest_finds_it_there()
    {
        var lab = Lab.Bound();
        Prefault(lab, Address, P);
        var before = lab.World.Step;

        Assert.Equal(Errno.None, lab.Touch(Lab.First));
        Assert.Equal(14, lab.World.Step - before);
    }

    [Fact]
    public void The_first_release_has_none()
    {
        Assert.Equal(Errno.ENOTTY, Prefault(Lab.Bound(kernel: KernelVersion.Linux68), Address, P).Errno);
    }

    private static Result<ulong> Prefault(Lab lab, ulong gpa, ulong size) =>
        lab.Call(current => KvmMain.KvmVcpuPreFaultMemory(current, lab.Vcpu, gpa, size));
}
